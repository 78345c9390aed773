//! Use cases of organisations.

use super::dto::{NewOrganisation, Organisation, OrganisationFilter, OrganisationPage};
use super::store::{self, OrganisationRow};
use crate::auth::ServiceScope;
use crate::context::Work;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::List;
use crate::services;

/// Adds an organisation to the directory of a service.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &NewOrganisation) -> Result<Organisation, ApiError> {
    services::ops::require(work, scope, new.service_id, "/service_id")?;
    if let Some(existing) = store::with_number_of(work.conn, new)? {
        return Err(already_there(&existing, new));
    }
    let id = Id::at(work.now);
    // A twin that slipped in since the look-up breaks a unique key: a bare 409.
    store::insert(work.conn, id, new, work.now)?;
    get(work, scope, id)
}

/// Names the organisation that has the number, and each number that they share.
fn already_there(existing: &OrganisationRow, new: &NewOrganisation) -> ApiError {
    let mut faults = Vec::new();
    let mut shared = |pointer, same| {
        if same {
            let message = Text::new("Déjà dans l'annuaire du service.", "Already in the directory of the service.");
            faults.push(Fault::new(pointer, "already_used", message));
        }
    };
    shared("/siret", new.siret.is_some() && new.siret == existing.siret);
    shared("/finess", new.finess.is_some() && new.finess == existing.finess);
    ApiError::faults(Code::Conflict, faults)
        .detail(
            "Une organisation de l'annuaire a déjà ce numéro : voir existing_id.",
            "An organisation of the directory already has this number: see existing_id.",
        )
        .with("existing_id", existing.id.as_str())
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
    let rows = store::list(work.conn, &scope, &list.filter, list.page.after(), list.page.fetch())?;
    let (rows, page) = list.page.cut(rows, |row| (row.name_key.clone(), row.id));
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
