//! The operations of checks.

use actix_web::web::Data;

use super::dto::{ContentCheck, KitCheckPage};
use super::ops;
use crate::auth::grants::{ReservationsRead, ReservationsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Body, Conditional, Current, Path, Written};
use crate::lending::copies;
use crate::lending::copies::dto::KitCopy;

/// Check a copy of a kit
///
/// Records a count of the contents between two loans. The hand-out and the return have their own checks. Missing or damaged
/// parts that were not known become defects; known defects that the check no longer finds are resolved.
#[utoipa::path(post, path = "/v1/kit-copies/{id}/inspect")]
pub(super) async fn inspect_kit_copy(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ContentCheck>,
) -> Result<Written<Current<KitCopy>>, ApiError> {
    change
        .on(&context, can, id.0, copies::ops::find, move |work, row| ops::inspect(work, &row, &body.0).map(Current))
        .await
}

/// List the checks of a copy
///
/// Returns the history of a copy, newest check first: the date, the missing and damaged parts, the condition.
#[utoipa::path(get, path = "/v1/kit-copies/{id}/checks")]
pub(super) async fn list_kit_checks(
    can: Can<ReservationsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<KitCheckPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, &list.page)).await
}
