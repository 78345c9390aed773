//! The operations of placements.

use actix_web::web::Data;

use super::dto::{NewPlacement, Placement, PlacementEnd, PlacementPage};
use super::ops;
use crate::auth::Can;
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::context::Context;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::{List, Listed, NoFilter};
use crate::http::{Body, Created, Path, Reply};

/// Record a placement
///
/// The child really has a place: an organisation of the directory and a first day, which has come.
/// Records the step `effective_placement`. The case stays open: the integration is followed.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/placements",
    responses((status = 409, description = "The case is closed, or this placement is already recorded."))
)]
pub(super) async fn create_placement(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    body: Body<NewPlacement>,
) -> Result<Created<Placement>, ApiError> {
    context.write(can.id(), move |work| ops::record(work, &can.scope, id.0, &body.0)).await.map(Created)
}

/// List the placements of a case
///
/// The places that the child has or had, the latest first.
#[utoipa::path(get, path = "/v1/cases/{id}/placements")]
pub(super) async fn list_placements(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<PlacementPage>, ApiError> {
    context.read(can.id(), move |work| ops::list(work, &can.scope, id.0, &list.page)).await.map(Listed)
}

/// End a placement
///
/// Its last day, which may be announced and then corrected until it has passed. Also on a closed case:
/// whether the child was still there months later is a result.
#[utoipa::path(
    post,
    path = "/v1/placements/{id}/end",
    responses((status = 409, description = "The placement has ended, or someone else has just changed it."))
)]
pub(super) async fn end_placement(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    body: Body<PlacementEnd>,
) -> Result<Reply<Placement>, ApiError> {
    context.write(can.id(), move |work| ops::end(work, &can.scope, id.0, &body.0)).await.map(Reply)
}
