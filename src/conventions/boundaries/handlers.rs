//! The operations of boundary changes.

use actix_web::web::Data;

use super::dto::{BoundaryChange, BoundaryChangeFilter, BoundaryChangeInput, BoundaryChangePage};
use super::ops;
use crate::auth::grants::{ConventionsRead, ConventionsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Path, Query, Written};
use crate::work::Work;

/// Record a boundary change
///
/// Records that a commune leaves an EPCI, joins one, or moves from one to another on a date. From that date, coverage
/// uses the new EPCI; before it, the EPCI that the commune leaves. The changes of a commune form a chain: each starts
/// where the previous one ends.
#[utoipa::path(
    post,
    path = "/v1/boundary-changes",
    responses((status = 409, description = "A change of this commune is already recorded on that day: see `existing_id`."))
)]
pub(super) async fn create_boundary_change(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<BoundaryChangeInput>,
) -> Result<Written<Created<BoundaryChange>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// List the boundary changes
///
/// Returns the boundary changes recorded by the services that the caller can access. By default, latest first.
#[utoipa::path(get, path = "/v1/boundary-changes")]
pub(super) async fn list_boundary_changes(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    list: List<BoundaryChangeFilter>,
) -> Result<Listed<BoundaryChangePage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get a boundary change
///
/// Returns one change of EPCI of a commune.
#[utoipa::path(get, path = "/v1/boundary-changes/{id}")]
pub(super) async fn get_boundary_change(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<BoundaryChange>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Delete a boundary change
///
/// Deletes a change recorded by mistake. Only the latest change of a commune can be deleted.
#[utoipa::path(
    delete,
    path = "/v1/boundary-changes/{id}",
    responses((status = 409, description = "A later change of the commune starts from it (`existing_id`), or it was changed concurrently."))
)]
pub(super) async fn delete_boundary_change(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, why.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, delete).await
}
