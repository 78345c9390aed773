//! The operations of checks.

use actix_web::web::Data;

use super::dto::{ContentCheck, KitCheckPage};
use super::ops;
use crate::auth::grants::{ReservationsRead, ReservationsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::page::{List, Listed, NoFilter};
use crate::http::{Body, Conditional, Current, Path, Written};
use crate::lending::copies;
use crate::lending::copies::dto::KitCopy;
use crate::work::Work;

/// Check a copy of a kit
///
/// Counts its contents between two loans; the hand-out and the return have a check of their own. Parts that are missing or
/// damaged and that nobody knew of become defects to be settled; those that are there again are resolved.
#[utoipa::path(post, path = "/v1/kit-copies/{id}/inspect")]
pub(super) async fn inspect_kit_copy(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ContentCheck>,
) -> Result<Written<Current<KitCopy>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| copies::ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::inspect(work, &row, &body.0).map(Current)).await
}

/// List the checks of a copy
///
/// The history of its condition, the latest first: when it was counted, what was missing, in which state it was.
#[utoipa::path(get, path = "/v1/kit-copies/{id}/checks")]
pub(super) async fn list_kit_checks(
    can: Can<ReservationsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<KitCheckPage>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, id.0, &list.page)).await.map(Listed)
}
