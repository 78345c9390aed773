//! The operations of organisations.

use actix_web::web::Data;

use super::dto::{NewOrganisation, Organisation, OrganisationFilter, OrganisationPage};
use super::ops;
use crate::auth::Can;
use crate::auth::grants::{OrganisationsRead, OrganisationsWrite};
use crate::context::Context;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::{List, Listed};
use crate::http::{Body, Created, Path, Reply};

/// Add an organisation
///
/// Enters an organisation in the directory of a service. Look for it first: by SIRET or FINESS number, or by name in
/// its commune. A second one with the same number is refused, and `existing_id` names the first.
#[utoipa::path(
    post,
    path = "/v1/organisations",
    responses((status = 409, description = "The directory already has this SIRET or FINESS number: see `existing_id`."))
)]
pub(super) async fn create_organisation(
    can: Can<OrganisationsWrite>,
    context: Data<Context>,
    body: Body<NewOrganisation>,
) -> Result<Created<Organisation>, ApiError> {
    context.write(can.id(), move |work| ops::create(work, &can.scope, &body.0)).await.map(Created)
}

/// List the organisations
///
/// The directories of the services that the token may see, by name.
#[utoipa::path(get, path = "/v1/organisations")]
pub(super) async fn list_organisations(
    can: Can<OrganisationsRead>,
    context: Data<Context>,
    list: List<OrganisationFilter>,
) -> Result<Listed<OrganisationPage>, ApiError> {
    context.read(can.id(), move |work| ops::list(work, &can.scope, &list)).await.map(Listed)
}

/// Get an organisation
///
/// One organisation of a directory.
#[utoipa::path(get, path = "/v1/organisations/{id}")]
pub(super) async fn get_organisation(
    can: Can<OrganisationsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Reply<Organisation>, ApiError> {
    context.read(can.id(), move |work| ops::get(work, &can.scope, id.0)).await.map(Reply)
}
