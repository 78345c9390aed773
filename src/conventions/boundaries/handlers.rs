//! The operations of boundary changes.

use actix_web::web::Data;

use super::dto::{BoundaryChange, BoundaryChangeFilter, BoundaryChangePage, NewBoundaryChange};
use super::ops;
use crate::auth::grants::{ConventionsRead, ConventionsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::page::{List, Listed};
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Path, Query, Written};
use crate::work::Work;

/// Record a boundary change
///
/// A commune that goes from one EPCI to another, or in or out of one, on a date: coverage follows it from then on, and before
/// it the commune is where the change takes it from. The changes of a commune chain.
#[utoipa::path(
    post,
    path = "/v1/boundary-changes",
    responses((status = 409, description = "A change of the commune is known on that day already: see `existing_id`."))
)]
pub(super) async fn create_boundary_change(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<NewBoundaryChange>,
) -> Result<Written<Created<BoundaryChange>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// List the boundary changes
///
/// The changes that the services that the token may see have recorded, the latest first.
#[utoipa::path(get, path = "/v1/boundary-changes")]
pub(super) async fn list_boundary_changes(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    list: List<BoundaryChangeFilter>,
) -> Result<Listed<BoundaryChangePage>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, &list)).await.map(Listed)
}

/// Get a boundary change
///
/// One commune that changes EPCI.
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
/// For one that should not have been recorded: the latest of its commune.
#[utoipa::path(
    delete,
    path = "/v1/boundary-changes/{id}",
    responses((status = 409, description = "A later change of the commune begins from it (`existing_id`), or someone else has just changed it."))
)]
pub(super) async fn delete_boundary_change(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, why.0.reason).map(|()| NoContent);
    change.run(&context, call, find, delete).await
}
