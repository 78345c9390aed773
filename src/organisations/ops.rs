//! Use cases of organisations.

use super::dto::{NewOrganisation, Organisation, OrganisationFilter, OrganisationPage, OrganisationPatch};
use super::store::{self, OrganisationRow};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::List;
use crate::identifiers::{Finess, Siret};
use crate::services;
use crate::text::fold;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Adds an organisation to the directory of a service.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &NewOrganisation) -> Result<Organisation, ApiError> {
    services::ops::require(work, scope, new.service_id, "/service_id")?;
    if let Some(existing) =
        store::with_number_of(work.conn, new.service_id, new.siret.as_ref(), new.finess.as_ref(), None)?
    {
        return Err(already_there(&existing, new.siret.as_ref(), new.finess.as_ref()));
    }
    let id = Id::at(work.now);
    work.created(Resource::Organisation, new.service_id, id);
    // A twin that slipped in since the look-up breaks a unique key: a bare 409.
    store::insert(work.conn, id, new, work.now)?;
    get(work, scope, id)
}

/// Names the organisation that has the number, and each number that they share.
fn already_there(existing: &OrganisationRow, siret: Option<&Siret>, finess: Option<&Finess>) -> ApiError {
    let mut faults = Vec::new();
    let mut shared = |pointer, same| {
        if same {
            let message = Text::new("Déjà dans l'annuaire du service.", "Already in the directory of the service.");
            faults.push(Fault::new(pointer, "already_used", message));
        }
    };
    shared("/siret", siret.is_some() && siret == existing.siret.as_ref());
    shared("/finess", finess.is_some() && finess == existing.finess.as_ref());
    ApiError::faults(Code::Conflict, faults)
        .detail(
            "Une organisation de l'annuaire a déjà ce numéro : voir existing_id.",
            "An organisation of the directory already has this number: see existing_id.",
        )
        .with("existing_id", existing.id.as_str())
}

/// The row of an organisation of the scope, to be acted upon.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<OrganisationRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// Corrects an organisation.
pub fn correct(work: &mut Work<'_>, row: OrganisationRow, patch: OrganisationPatch) -> Result<Organisation, ApiError> {
    let mut new = row.clone();
    new.kind = patch.kind.unwrap_or(new.kind);
    new.name = patch.name.unwrap_or(new.name);
    new.name_key = fold(&new.name);
    new.commune_code = patch.commune_code.unwrap_or(new.commune_code);
    new.siret = patch.siret.over(new.siret);
    new.finess = patch.finess.over(new.finess);
    new.phone = patch.phone.over(new.phone);
    new.email = patch.email.over(new.email);
    if new == row {
        return Ok(row.into());
    }
    let (siret, finess) = (new.siret.as_ref(), new.finess.as_ref());
    if let Some(existing) = store::with_number_of(work.conn, row.service_id, siret, finess, Some(row.id))? {
        return Err(already_there(&existing, siret, finess));
    }
    new.version = row.version + 1;
    new.updated_at = work.now;
    if !store::update(work.conn, &row, &new)? {
        return Err(ApiError::overtaken());
    }
    work.changed(Resource::Organisation, row.service_id, row.id);
    Ok(new.into())
}

/// Takes an organisation out of the directory. One that a referral, a case, an intervention, a placement or a
/// reservation names stays: the foreign keys decide.
pub fn delete(work: &mut Work<'_>, row: &OrganisationRow, reason: DeletionReason) -> Result<(), ApiError> {
    let deleted = store::delete(work.conn, row).map_err(|error| {
        ApiError::still_named(
            error,
            "Cette organisation est citée ailleurs : la corriger plutôt que la supprimer.",
            "This organisation is named elsewhere: correct it rather than delete it.",
        )
    })?;
    if !deleted {
        return Err(ApiError::overtaken());
    }
    work.deleted(Resource::Organisation, row.service_id, row.id, reason);
    Ok(())
}

/// One organisation of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Organisation, ApiError> {
    Ok(store::get(work.conn, scope, id)?.into())
}

/// A page of the organisations of the scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    list: &List<OrganisationFilter>,
) -> Result<OrganisationPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let (rows, page) = store::list(work.conn, &scope, &list.filter, &list.page)?;
    Ok(OrganisationPage { data: rows.into_iter().map(Organisation::from).collect(), page })
}

/// The organisation that a request names at `pointer`: it must be in the directory of that service. One of another
/// service and one that does not exist are refused in the same words.
pub fn require(work: &mut Work<'_>, service: Id, id: Id, pointer: &str) -> Result<OrganisationRow, ApiError> {
    store::find(work.conn, service, id)?.ok_or_else(|| {
        ApiError::rule(
            pointer,
            "unknown_organisation",
            Text::new("Organisation absente de l'annuaire du service.", "Not in the directory of the service."),
        )
    })
}
