//! Adding, reading, correcting and deleting organisations.

use std::collections::{BTreeSet, HashMap};
use std::hash::BuildHasher;

use super::dto::{Organisation, OrganisationFilter, OrganisationInput, OrganisationPage, OrganisationPatch};
use super::store::{self, OrganisationRow};
use crate::auth::ServiceScope;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Faults, Text};
use crate::http::page::List;
use crate::identifiers::{Finess, Siret};
use crate::services;
use crate::text::fold;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Adds an organisation to the directory of a service.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &OrganisationInput) -> Result<Organisation, ApiError> {
    services::ops::require(work, scope, new.service_id, "/service_id")?;
    refuse_taken_number(work, new.service_id, new.siret.as_ref(), new.finess.as_ref(), None)?;
    let row = OrganisationRow {
        id: Id::at(work.now),
        service_id: new.service_id,
        kind: new.kind.clone(),
        name: new.name.clone(),
        name_key: fold(&new.name),
        commune_code: new.commune_code.clone(),
        siret: new.siret.clone(),
        finess: new.finess.clone(),
        phone: new.phone.clone(),
        email: new.email.clone(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert(work.conn, &row)?;
    work.created(Resource::Organisation, row.service_id, row.id);
    Ok(row.into())
}

/// Several organisations in scope, by identifier, for the rows of others.
pub fn whole(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    ids: &BTreeSet<Id>,
) -> Result<HashMap<Id, Organisation>, ApiError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = store::by_id(work.conn, scope, ids)?;
    Ok(rows.into_iter().map(|row| (row.id, row.into())).collect())
}

/// Refuses a number that another organisation of the service has. Requests that give numbers follow each other, so that
/// each finds those of the others.
fn refuse_taken_number(
    work: &mut Work<'_>,
    service: Id,
    siret: Option<&Siret>,
    finess: Option<&Finess>,
    except: Option<Id>,
) -> Result<(), ApiError> {
    if siret.is_none() && finess.is_none() {
        return Ok(());
    }
    work.conn.lock_one(Lock::Directory, service)?;
    match store::find_by_number(work.conn, service, siret, finess, except)? {
        Some(existing) => Err(duplicate_number(&existing, siret, finess)),
        None => Ok(()),
    }
}

/// The 409 that names the organisation with the same number, with one fault per shared number.
fn duplicate_number(existing: &OrganisationRow, siret: Option<&Siret>, finess: Option<&Finess>) -> ApiError {
    let mut faults = Vec::new();
    let mut check = |pointer, is_shared| {
        if is_shared {
            let message = Text::new("Numéro déjà présent dans l'annuaire.", "This number is already in the directory.");
            faults.push(Fault::new(pointer, "already_used", message));
        }
    };
    check("/siret", siret.is_some() && siret == existing.siret.as_ref());
    check("/finess", finess.is_some() && finess == existing.finess.as_ref());
    ApiError::faults(Code::Conflict, faults)
        .detail(
            "Une organisation de l'annuaire a déjà ce numéro (voir `existing_id`).",
            "An organisation of the directory already has this number: see `existing_id`.",
        )
        .with("existing_id", existing.id.as_str())
}

/// The row of an organisation in scope; 404 if there is none.
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
    if (&new.siret, &new.finess) != (&row.siret, &row.finess) {
        refuse_taken_number(work, row.service_id, new.siret.as_ref(), new.finess.as_ref(), Some(row.id))?;
    }
    new.version = row.version + 1;
    new.updated_at = work.now;
    ApiError::require_first(store::update(work.conn, &row, &new)?)?;
    work.changed(Resource::Organisation, row.service_id, row.id);
    Ok(new.into())
}

/// Removes an organisation from the directory. Fails with a 409 if a referral, a case, an intervention, a placement or a
/// reservation references it: the foreign keys decide.
pub fn delete(work: &mut Work<'_>, row: &OrganisationRow, reason: DeletionReason) -> Result<(), ApiError> {
    let deleted = store::delete(work.conn, row).map_err(|error| {
        ApiError::still_referenced(
            error,
            "Cette organisation est utilisée ailleurs : la corriger au lieu de la supprimer.",
            "This organisation is referenced elsewhere: correct it instead of deleting it.",
        )
    })?;
    ApiError::require_first(deleted)?;
    work.deleted(Resource::Organisation, row.service_id, row.id, reason);
    Ok(())
}

/// One organisation in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Organisation, ApiError> {
    Ok(store::get(work.conn, scope, id)?.into())
}

/// A page of the organisations in scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    list: &List<OrganisationFilter>,
) -> Result<OrganisationPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let (rows, page) = store::list(work.conn, &scope, &list.filter, &list.page)?;
    Ok(OrganisationPage { data: rows.into_iter().map(Organisation::from).collect(), page })
}

/// The organisation that a request names at `pointer`, which must be in the directory of this service. The error is the same
/// whether the organisation belongs to another service or does not exist.
pub fn require(work: &mut Work<'_>, service: Id, id: Id, pointer: &str) -> Result<OrganisationRow, ApiError> {
    let mut faults = Faults::default();
    let found = find_named(work, service, &[(pointer, Some(id))], &mut faults)?.remove(&id);
    faults.finish()?;
    found.ok_or_else(ApiError::not_found)
}

/// The organisations that a request names, each at its pointer, where it is given: those in the directory of this
/// service. The others are faults. One query.
pub fn find_named(
    work: &mut Work<'_>,
    service: Id,
    named: &[(impl AsRef<str>, Option<Id>)],
    faults: &mut Faults,
) -> Result<HashMap<Id, OrganisationRow>, ApiError> {
    let ids: Vec<Id> = named.iter().filter_map(|(_, id)| *id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = store::find(work.conn, service, &ids)?;
    faults.add(missing(named, &found));
    for row in found.values() {
        learn_name(work, row);
    }
    Ok(found)
}

/// The name of an organisation, and whose directory has it.
#[derive(Clone)]
struct KnownName {
    service: Id,
    name: String,
}

/// Keeps the name of an organisation that was read, so that the response need not read it again.
fn learn_name(work: &mut Work<'_>, row: &OrganisationRow) {
    work.learn(row.id, KnownName { service: row.service_id, name: row.name.clone() });
}

/// The name of an organisation that this unit of work has read, for a caller who may read the directories of `scope`.
pub fn known_name(work: &Work<'_>, scope: &ServiceScope, id: Id) -> Option<String> {
    let known: KnownName = work.known(id)?;
    scope.contains(known.service).then_some(known.name)
}

/// The faults of the organisations that a request names and that were not found in the directory of its service.
pub fn missing<S: BuildHasher>(
    named: &[(impl AsRef<str>, Option<Id>)],
    found: &HashMap<Id, OrganisationRow, S>,
) -> Vec<Fault> {
    let given = named.iter().filter_map(|(at, id)| Some((at.as_ref(), (*id)?)));
    given.filter(|(_, id)| !found.contains_key(id)).map(|(pointer, id)| unknown(pointer, id)).collect()
}

fn unknown(pointer: &str, id: Id) -> Fault {
    let message = Text::new(
        format!(
            "L'organisation {id} n'est pas dans l'annuaire du service : corriger l'identifiant, ou ajouter l'organisation (`POST /v1/organisations`)."
        ),
        format!(
            "The organisation {id} is not in the directory of the service: correct the identifier, or add the organisation (`POST /v1/organisations`)."
        ),
    );
    Fault::new(pointer, "unknown_organisation", message)
}
