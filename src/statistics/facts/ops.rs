//! Use cases of facts.

use super::dto::{StatisticsFact, StatisticsFactFilter, StatisticsFactInput, StatisticsFactPage};
use super::model;
use super::store::{self, FactRow};
use crate::auth::{PrincipalId, ServiceScope};
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::page::List;
use crate::naming::ops::named;
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Records a figure made public elsewhere. It waits for a second person.
pub fn create(work: &mut Work<'_>, service: Id, new: &StatisticsFactInput) -> Result<StatisticsFact, ApiError> {
    require_person(work)?;
    let today = services::ops::settings(work, &ServiceScope::one(service), service)?.date_of(work.now);
    let coordinates: Vec<(&str, &str)> =
        new.coordinates.iter().map(|one| (one.dimension.as_str(), one.value.as_str())).collect();
    let faults = model::faults(new.population, new.year, &new.period, &coordinates);
    let in_the_future = dates::not_in_the_future("/published_on", new.published_on, today);
    let first = model::first_day(new.year, &new.period);
    let too_early =
        first.and_then(|first| dates::not_before("/published_on", new.published_on, first, "before_period"));
    ApiError::reject_if_any(faults.into_iter().chain(in_the_future).chain(too_early))?;
    let row = FactRow {
        id: Id::at(work.now),
        service_id: service,
        population: new.population,
        year: new.year,
        period: new.period.clone(),
        coordinates: serde_json::json!(new.coordinates).to_string(),
        source: new.source.clone(),
        reference: new.reference.clone(),
        published_on: new.published_on,
        confirmed_at: None,
        confirmed_by: None,
        used_at: None,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert(work.conn, &row)?;
    work.created(Resource::StatisticsFact, service, row.id);
    named(work, row.into())
}

/// The row of a fact of the scope, for a change.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<FactRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One fact of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<StatisticsFact, ApiError> {
    let row = find(work, scope, id)?;
    named(work, row.into())
}

/// A page of the facts of a service of the scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    list: &List<StatisticsFactFilter>,
) -> Result<StatisticsFactPage, ApiError> {
    services::ops::find(work, scope, service)?;
    let (rows, page) = store::list(work.conn, &scope.within(Some(service)), &list.filter, &list.page)?;
    let data: Vec<StatisticsFact> = rows.into_iter().map(Into::into).collect();
    Ok(StatisticsFactPage { data: named(work, data)?, page })
}

/// The facts of a service in a year that count now, for a release.
pub fn of_year(work: &mut Work<'_>, service: Id, year: i32) -> Result<Vec<StatisticsFact>, ApiError> {
    let rows = store::of_year(work.conn, service, year)?;
    let counts = |row: &FactRow| model::counts(row.confirmed_at, row.used_at, work.now);
    Ok(rows.into_iter().filter(counts).map(Into::into).collect())
}

/// Confirms a fact that another person recorded.
pub fn confirm(work: &mut Work<'_>, row: &FactRow) -> Result<StatisticsFact, ApiError> {
    require_person(work)?;
    if row.confirmed_at.is_some() {
        return Err(
            ApiError::new(Code::Conflict).detail("Ce chiffre est déjà confirmé.", "This figure is already confirmed.")
        );
    }
    if row.author == work.author() {
        return Err(ApiError::new(Code::Forbidden).detail(
            "Une seconde personne, qui prépare aussi les publications du service, doit confirmer.",
            "A second person who also prepares the releases of the service must confirm.",
        ));
    }
    let new = FactRow {
        confirmed_at: Some(work.now),
        confirmed_by: Some(work.author()),
        version: row.version + 1,
        updated_at: work.now,
        ..row.clone()
    };
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    work.changed(Resource::StatisticsFact, row.service_id, row.id);
    named(work, new.into())
}

/// Refuses a client: who holds its secret could be one person under two names.
fn require_person(work: &Work<'_>) -> Result<(), ApiError> {
    match work.call.principal {
        PrincipalId::User(_) => Ok(()),
        _ => Err(ApiError::new(Code::Forbidden).detail(
            "Un chiffre rendu public ailleurs est enregistré et confirmé par des personnes, avec leur compte.",
            "A figure made public elsewhere is recorded and confirmed by people, with their accounts.",
        )),
    }
}

/// Marks facts as taken into account by a release. From now on they cannot be deleted.
pub fn mark_used(work: &mut Work<'_>, service: Id, ids: &[Id]) -> Result<(), ApiError> {
    store::use_all(work.conn, service, ids, work.now)?;
    for id in ids {
        work.changed(Resource::StatisticsFact, service, *id);
    }
    Ok(())
}

/// Deletes a fact that no release takes into account.
pub fn delete(work: &mut Work<'_>, row: &FactRow, reason: DeletionReason) -> Result<(), ApiError> {
    require_person(work)?;
    if row.used_at.is_some() {
        return Err(ApiError::new(Code::Conflict).detail(
            "Une publication tient compte de ce chiffre : il ne peut plus être supprimé.",
            "A release takes this figure into account: it can no longer be deleted.",
        ));
    }
    ApiError::require_first(store::delete(work.conn, row)?)?;
    work.deleted(Resource::StatisticsFact, row.service_id, row.id, reason);
    Ok(())
}
