//! Adding, reading, correcting and deleting resource people.

use chrono::NaiveDate;

use super::dto::{ResourcePerson, ResourcePersonFilter, ResourcePersonInput, ResourcePersonPage, ResourcePersonPatch};
use super::store::{self, PersonRow};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Fault, Faults, Text};
use crate::http::page::List;
use crate::text::fold;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;
use crate::{dates, organisations, services};

/// Adds a resource person to the directory of a service.
pub fn create(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    new: &ResourcePersonInput,
) -> Result<ResourcePerson, ApiError> {
    services::ops::require(work, scope, new.service_id, "/service_id")?;
    let row = PersonRow {
        id: Id::at(work.now),
        service_id: new.service_id,
        name: new.name.clone(),
        name_key: fold(&new.name),
        profession: new.profession.clone(),
        organisation_id: new.organisation_id,
        phone: new.phone.clone(),
        email: new.email.clone(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
        left_on: None,
    };
    let organisation_name = name_of_organisation(work, &row)?;
    store::insert(work.conn, &row)?;
    work.created(Resource::ResourcePerson, row.service_id, row.id);
    Ok(shown(work, row, organisation_name))
}

/// The name of the organisation in which somebody works. A fault unless it is in the directory of the service.
fn name_of_organisation(work: &mut Work<'_>, row: &PersonRow) -> Result<Option<String>, ApiError> {
    match row.organisation_id {
        None => Ok(None),
        Some(id) => {
            organisations::ops::require(work, row.service_id, id, "/organisation_id").map(|found| Some(found.name))
        }
    }
}

/// The row of a resource person in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<PersonRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?.0)
}

/// Corrects a resource person.
pub fn correct(work: &mut Work<'_>, row: PersonRow, patch: ResourcePersonPatch) -> Result<ResourcePerson, ApiError> {
    let mut new = row.clone();
    new.name = patch.name.unwrap_or(new.name);
    new.name_key = fold(&new.name);
    new.profession = patch.profession.unwrap_or(new.profession);
    new.organisation_id = patch.organisation_id.over(new.organisation_id);
    new.phone = patch.phone.over(new.phone);
    new.email = patch.email.over(new.email);
    new.left_on = patch.left_on.over(new.left_on);
    let mut faults = Faults::default();
    if let Some(left_on) = new.left_on {
        let today = services::ops::today(work, row.service_id)?;
        faults.add(dates::not_in_the_future("/left_on", left_on, today));
    }
    let organisation_name = faults.take(name_of_organisation(work, &new))?.flatten();
    faults.finish()?;
    if new == row {
        return Ok(shown(work, row, organisation_name));
    }
    new.version = row.version + 1;
    new.updated_at = work.now;
    ApiError::require_first(store::update(work.conn, &row, &new)?)?;
    work.changed(Resource::ResourcePerson, row.service_id, row.id);
    Ok(shown(work, new, organisation_name))
}

/// Removes a resource person from the directory. Fails with a 409 if a piece of work names them: the foreign keys decide.
pub fn delete(work: &mut Work<'_>, row: &PersonRow, reason: DeletionReason) -> Result<(), ApiError> {
    let deleted = store::delete(work.conn, row).map_err(|error| {
        ApiError::still_referenced(
            error,
            "Des interventions nomment cette personne ressource : indiquer son départ (`left_on`) au lieu de la supprimer.",
            "Interventions name this resource person: say that they have left (`left_on`) instead of deleting them.",
        )
    })?;
    ApiError::require_first(deleted)?;
    work.deleted(Resource::ResourcePerson, row.service_id, row.id, reason);
    Ok(())
}

/// One resource person in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ResourcePerson, ApiError> {
    let (row, organisation) = store::get(work.conn, scope, id)?;
    Ok(shown(work, row, organisation))
}

/// A page of the resource people in scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    list: &List<ResourcePersonFilter>,
) -> Result<ResourcePersonPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let (rows, page) = store::list(work.conn, &scope, &list.filter, &list.page)?;
    let names = store::names_of_organisations(work.conn, &scope, &rows)?;
    let name = |row: &PersonRow| row.organisation_id.and_then(|id| names.get(&id).cloned());
    let data = rows.into_iter().map(|row| {
        let organisation = name(&row);
        shown(work, row, organisation)
    });
    Ok(ResourcePersonPage { data: data.collect(), page })
}

fn shown(work: &Work<'_>, row: PersonRow, organisation_name: Option<String>) -> ResourcePerson {
    ResourcePerson {
        profession_label: row.profession.label(work.call.lang),
        id: row.id,
        service_id: row.service_id,
        name: row.name,
        profession: row.profession,
        organisation_id: row.organisation_id,
        organisation_name,
        phone: row.phone,
        email: row.email,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        left_on: row.left_on,
    }
}

/// Adds the faults of the people whom a request names at `/resource_person_ids` for work of a day: those who are not in the
/// directory of the service, and those who had left, except who was named before.
pub fn check_named(
    work: &mut Work<'_>,
    service: Id,
    named: &[Id],
    (day, before): (NaiveDate, &[Id]),
    faults: &mut Faults,
) -> Result<(), ApiError> {
    if named.is_empty() {
        return Ok(());
    }
    let known = store::known(work.conn, service, named)?;
    let had_left = |id: &Id| known.get(id).copied().flatten().filter(|last| *last < day && !before.contains(id));
    faults.add(named.iter().enumerate().filter_map(|(rank, id)| {
        let last = had_left(id)?;
        let message = Text::new(
            format!("Cette personne ressource n'est plus sollicitée depuis le {} : corriger la date, ou en choisir une autre.", dates::french(last)),
            format!("This resource person has not been called upon since {last}: correct the day, or choose another one."),
        );
        Some(Fault::new(format!("/resource_person_ids/{rank}"), "has_left", message))
    }));
    let unknown = named.iter().enumerate().filter(|(_, id)| !known.contains_key(id));
    faults.add(unknown.map(|(rank, id)| {
        let message = Text::new(
            format!(
                "La personne ressource {id} n'est pas dans l'annuaire du service : corriger l'identifiant, ou l'ajouter (`POST /v1/resource-people`)."
            ),
            format!(
                "The resource person {id} is not in the directory of the service: correct the identifier, or add them (`POST /v1/resource-people`)."
            ),
        );
        Fault::new(format!("/resource_person_ids/{rank}"), "unknown_resource_person", message)
    }));
    Ok(())
}
