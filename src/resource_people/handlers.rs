//! The operations of resource people.

use actix_web::web::Data;

use super::dto::{ResourcePerson, ResourcePersonFilter, ResourcePersonInput, ResourcePersonPage, ResourcePersonPatch};
use super::ops;
use crate::auth::grants::{OrganisationsRead, OrganisationsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{
    Body, Can, Conditional, Context, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Written,
};
use crate::work::Work;

/// Add a resource person
///
/// Adds an outside professional to the directory of a service. Work then names them in `resource_person_ids`. Look for them
/// first by name: two people may have one name, so that nothing is refused.
#[utoipa::path(post, path = "/v1/resource-people")]
pub(super) async fn create_resource_person(
    can: Can<OrganisationsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<ResourcePersonInput>,
) -> Result<Written<Created<ResourcePerson>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// List resource people
///
/// The outside professionals in the directories of the services that the caller can access, ordered by name. Who was called upon,
/// and how often: `GET /v1/interventions?resource_person_id=…` and its totals.
#[utoipa::path(get, path = "/v1/resource-people")]
pub(super) async fn list_resource_people(
    can: Can<OrganisationsRead>,
    context: Data<Context>,
    list: List<ResourcePersonFilter>,
) -> Result<Listed<ResourcePersonPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get a resource person
///
/// One outside professional of a directory.
#[utoipa::path(get, path = "/v1/resource-people/{id}")]
pub(super) async fn get_resource_person(
    can: Can<OrganisationsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<ResourcePerson>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Update a resource person
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. The work that names the person shows the new name.
/// `left_on` retires the person: they are named by no later work (`has_left`), and the work done before keeps them.
#[utoipa::path(patch, path = "/v1/resource-people/{id}")]
pub(super) async fn update_resource_person(
    can: Can<OrganisationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ResourcePersonPatch>,
) -> Result<Written<Current<ResourcePerson>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, row, patch.0).map(Current)).await
}

/// Delete a resource person
///
/// Removes them from the directory. Somebody who was called upon for a piece of work cannot be deleted: set `left_on`.
#[utoipa::path(
    delete,
    path = "/v1/resource-people/{id}",
    responses((status = 409, description = "A piece of work names the person, or another request has just changed it."))
)]
pub(super) async fn delete_resource_person(
    can: Can<OrganisationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    reason: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, reason.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, delete).await
}
