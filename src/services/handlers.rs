//! The operations of services.

use actix_web::web::Data;

use super::dto::{NewPosition, NewService, Position, PositionPage, Service, ServicePage};
use super::ops;
use crate::auth::Can;
use crate::auth::grants::{ServicesRead, ServicesWrite};
use crate::context::Context;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::{List, Listed, NoFilter};
use crate::http::{Body, Created, Path, Reply};

/// Create a service
///
/// A pôle with its public, its territory and its own encryption key. For administrators of the
/// deployment; its staff is then invited with `POST /v1/invitations`.
#[utoipa::path(post, path = "/v1/services")]
pub(super) async fn create_service(
    can: Can<ServicesWrite>,
    context: Data<Context>,
    body: Body<NewService>,
) -> Result<Created<Service>, ApiError> {
    context.write(can.id(), move |work| ops::create(work, &can.scope, &body.0)).await.map(Created)
}

/// List the services
///
/// The services that the token may see, oldest first.
#[utoipa::path(get, path = "/v1/services")]
pub(super) async fn list_services(
    can: Can<ServicesRead>,
    context: Data<Context>,
    list: List<NoFilter>,
) -> Result<Listed<ServicePage>, ApiError> {
    context.read(can.id(), move |work| ops::list(work, &can.scope, &list.page)).await.map(Listed)
}

/// Get a service
///
/// One pôle and its settings.
#[utoipa::path(get, path = "/v1/services/{id}")]
pub(super) async fn get_service(
    can: Can<ServicesRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Reply<Service>, ApiError> {
    context.read(can.id(), move |work| ops::get(work, &can.scope, id.0)).await.map(Reply)
}

/// Add a staff position
///
/// A position is a share of a full-time equivalent between two dates, not a person. Only counted
/// positions enter the full-time equivalents of the activity figures.
#[utoipa::path(post, path = "/v1/services/{id}/positions")]
pub(super) async fn create_position(
    can: Can<ServicesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    body: Body<NewPosition>,
) -> Result<Created<Position>, ApiError> {
    context.write(can.id(), move |work| ops::add_position(work, &can.scope, id.0, &body.0)).await.map(Created)
}

/// List the staff positions
///
/// The positions of a service, oldest first.
#[utoipa::path(get, path = "/v1/services/{id}/positions")]
pub(super) async fn list_positions(
    can: Can<ServicesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<PositionPage>, ApiError> {
    context.read(can.id(), move |work| ops::positions(work, &can.scope, id.0, &list.page)).await.map(Listed)
}
