//! The operations of defects.

use actix_web::web::Data;

use super::dto::{KitDefect, KitDefectFilter, KitDefectPage, KitDefectSettlement};
use super::ops;
use crate::auth::grants::{ReservationsRead, ReservationsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Conditional, Current, Path, Written};

/// List the missing or damaged parts
///
/// Returns the parts that checks found missing or damaged, most recently found first. `status=to_buy` gives the
/// shopping list.
#[utoipa::path(get, path = "/v1/kit-defects")]
pub(super) async fn list_kit_defects(
    can: Can<ReservationsRead>,
    context: Data<Context>,
    list: List<KitDefectFilter>,
) -> Result<Listed<KitDefectPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get a missing or damaged part
///
/// Returns one defect of a copy.
#[utoipa::path(get, path = "/v1/kit-defects/{id}")]
pub(super) async fn get_kit_defect(
    can: Can<ReservationsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<KitDefect>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Settle a missing or damaged part
///
/// Records that the part was replaced, or that it will not be. Later checks do not expect a part that was written off.
#[utoipa::path(
    post,
    path = "/v1/kit-defects/{id}/settle",
    responses((status = 409, description = "The defect is already settled, or another request has just changed it."))
)]
pub(super) async fn settle_kit_defect(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<KitDefectSettlement>,
) -> Result<Written<Current<KitDefect>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::settle(work, &row, &body.0).map(Current)).await
}
