//! The operations of organisations.

use actix_web::web::Data;

use super::dto::{
    CreatedOrganisations, Organisation, OrganisationFilter, OrganisationInput, OrganisationPage, OrganisationPatch,
    OrganisationsInput,
};
use super::ops;
use crate::auth::grants::{OrganisationsRead, OrganisationsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::body::check_rules;
use crate::http::bulk::{DryRun, Run, create_all};
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{
    Body, Conditional, Created, Current, Deletion, Items, NoContent, Once, Patch, Path, Query, Reply, Written,
};
use crate::work::Work;

/// Add an organisation
///
/// Adds an organisation to the directory of a service. Look for it first, by SIRET or FINESS number, or by name in its
/// commune. A second organisation with the same number is rejected, and `existing_id` names the first.
#[utoipa::path(
    post,
    path = "/v1/organisations",
    responses((status = 409, description = "The directory already has this SIRET or FINESS number: see `existing_id`."))
)]
pub(super) async fn create_organisation(
    can: Can<OrganisationsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<OrganisationInput>,
) -> Result<Written<Created<Organisation>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// Add several organisations
///
/// Up to 100 organisations, each with its own result: a rejected one does not stop the others, even if a field is missing or a
/// code unknown. With `dry_run=true` the report is the same but for the objects, and nothing is recorded. Only what is wrong
/// around the items rejects the whole call.
#[utoipa::path(post, path = "/v1/organisations/bulk")]
pub(super) async fn create_organisations(
    can: Can<OrganisationsWrite>,
    context: Data<Context>,
    run: Query<DryRun>,
    once: Once,
    body: Items<OrganisationsInput>,
) -> Result<Written<Reply<CreatedOrganisations>>, ApiError> {
    let (call, run) = (can.call(), Run::new(&context.public_url, run.0));
    let create = move |work: &mut Work<'_>| {
        let each = |work: &mut Work<'_>, new| {
            check_rules(&new)?;
            ops::create(work, &can.scope, &new)
        };
        create_all::<OrganisationsInput, _>(work, &run, body.items, each).map(Reply)
    };
    once.run(&context, call, create).await
}

/// List organisations
///
/// The directories of the services that the caller can access, ordered by name.
#[utoipa::path(get, path = "/v1/organisations")]
pub(super) async fn list_organisations(
    can: Can<OrganisationsRead>,
    context: Data<Context>,
    list: List<OrganisationFilter>,
) -> Result<Listed<OrganisationPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get an organisation
///
/// One organisation of a directory.
#[utoipa::path(get, path = "/v1/organisations/{id}")]
pub(super) async fn get_organisation(
    can: Can<OrganisationsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Organisation>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Update an organisation
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[utoipa::path(
    patch,
    path = "/v1/organisations/{id}",
    responses((status = 409, description = "The directory already has this SIRET or FINESS number: see `existing_id`."))
)]
pub(super) async fn update_organisation(
    can: Can<OrganisationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<OrganisationPatch>,
) -> Result<Written<Current<Organisation>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, row, patch.0).map(Current)).await
}

/// Delete an organisation
///
/// Removes it from the directory. An organisation that is referenced by a referral, a case, an intervention, a placement or a
/// reservation cannot be deleted.
#[utoipa::path(
    delete,
    path = "/v1/organisations/{id}",
    responses((status = 409, description = "The organisation is referenced elsewhere."))
)]
pub(super) async fn delete_organisation(
    can: Can<OrganisationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    reason: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, reason.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, delete).await
}
