//! The operations of placements.

use actix_web::web::Data;

use super::dto::{Placement, PlacementEnd, PlacementFilter, PlacementInput, PlacementPage};
use super::ops;
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Conditional, Created, Current, Once, Path, Written};
use crate::work::Work;

/// Record a placement
///
/// The child effectively has a place: an organisation of the directory and a first day, not in the future. Records the step
/// `effective_placement`. The case stays open, because the integration is followed.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/placements",
    responses((status = 409, description = "The case is closed, or this placement is already recorded: see `existing_id`."))
)]
pub(super) async fn create_placement(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<PlacementInput>,
) -> Result<Written<Created<Placement>>, ApiError> {
    let scope = can.scope.clone();
    let record = move |work: &mut Work<'_>, case| ops::record(work, &scope, &case, &body.0).map(Created);
    once.under_object(&context, can, id.0, cases::ops::find, record).await
}

/// List the placements of a case
///
/// The child's current and past placements, most recent start date first.
#[utoipa::path(get, path = "/v1/cases/{id}/placements")]
pub(super) async fn list_placements(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<PlacementFilter>,
) -> Result<Listed<PlacementPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, list)).await
}

/// Get a placement
///
/// A current or past placement.
#[utoipa::path(get, path = "/v1/placements/{id}")]
pub(super) async fn get_placement(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Placement>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// End a placement
///
/// Sets the last day. It can be in the future, and corrected until it has passed. It can also be set on a closed case:
/// whether the child was still there months later is a result.
#[utoipa::path(
    post,
    path = "/v1/placements/{id}/end",
    responses((status = 409, description = "The placement has ended, or another request has just changed it."))
)]
pub(super) async fn end_placement(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<PlacementEnd>,
) -> Result<Written<Current<Placement>>, ApiError> {
    let scope = can.scope.clone();
    let end = move |work: &mut Work<'_>, placement| ops::end(work, &scope, &placement, &body.0).map(Current);
    change.on(&context, can, id.0, ops::find, end).await
}
