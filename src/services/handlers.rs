//! The operations of services.

use actix_web::web::Data;

use super::dto::{
    Position, PositionInput, PositionPage, PositionPatch, Service, ServiceFilter, ServiceInput, ServicePage,
    ServicePatch,
};
use super::ops::{self, ServiceRow};
use crate::auth::grants::{ServicesRead, ServicesWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Written};
use crate::work::Work;

/// Create a service
///
/// A service with its age range, its territory and its own encryption key. For administrators of the deployment. Then
/// invite its staff with `POST /v1/invitations`.
#[utoipa::path(post, path = "/v1/services")]
pub(super) async fn create_service(
    can: Can<ServicesWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<ServiceInput>,
) -> Result<Written<Created<Service>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// List services
///
/// The services that the caller can access, oldest first.
#[utoipa::path(get, path = "/v1/services")]
pub(super) async fn list_services(
    can: Can<ServicesRead>,
    context: Data<Context>,
    list: List<ServiceFilter>,
) -> Result<Listed<ServicePage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get a service
///
/// One service, with its settings.
#[utoipa::path(get, path = "/v1/services/{id}")]
pub(super) async fn get_service(
    can: Can<ServicesRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Service>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Add a staff position
///
/// A position is a share of a full-time equivalent between two dates, not a person. Only counted positions enter the
/// full-time equivalents of the activity figures.
#[utoipa::path(post, path = "/v1/services/{id}/positions")]
pub(super) async fn create_position(
    can: Can<ServicesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<PositionInput>,
) -> Result<Written<Created<Position>>, ApiError> {
    let add = move |work: &mut Work<'_>, service: ServiceRow| ops::add_position(work, service.id, &body.0).map(Created);
    once.under_object(&context, can, id.0, ops::find, add).await
}

/// Get a staff position
///
/// One position of a service.
#[utoipa::path(get, path = "/v1/positions/{id}")]
pub(super) async fn get_position(
    can: Can<ServicesRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Position>, ApiError> {
    context.read(can.call(), move |work| ops::position(work, &can.scope, id.0)).await.map(Current)
}

/// List staff positions
///
/// The positions of a service, oldest first.
#[utoipa::path(get, path = "/v1/services/{id}/positions")]
pub(super) async fn list_positions(
    can: Can<ServicesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<PositionPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::positions(work, &can.scope, id.0, &list.page)).await
}

/// Update a service
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. A new age range or territory applies to
/// later decisions only.
#[utoipa::path(patch, path = "/v1/services/{id}")]
pub(super) async fn update_service(
    can: Can<ServicesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ServicePatch>,
) -> Result<Written<Current<Service>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Update a staff position
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. Figures for past periods are recomputed.
#[utoipa::path(patch, path = "/v1/positions/{id}")]
pub(super) async fn update_position(
    can: Can<ServicesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<PositionPatch>,
) -> Result<Written<Current<Position>>, ApiError> {
    change
        .on(&context, can, id.0, ops::find_position, move |work, row| {
            ops::correct_position(work, &row, patch.0).map(Current)
        })
        .await
}

/// Delete a staff position
///
/// For a position recorded by mistake. For a position that ends, set its last day instead.
#[utoipa::path(delete, path = "/v1/positions/{id}")]
pub(super) async fn delete_position(
    can: Can<ServicesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    reason: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let delete = move |work: &mut Work<'_>, row| ops::delete_position(work, &row, reason.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find_position, delete).await
}
