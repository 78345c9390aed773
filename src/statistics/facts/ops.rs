//! Use cases of facts.

use super::dto::{StatisticsFact, StatisticsFactFilter, StatisticsFactInput, StatisticsFactPage};
use super::model;
use super::store::{self, FactRow};
use crate::auth::ServiceScope;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::page::List;
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Records a figure made public elsewhere.
pub fn create(work: &mut Work<'_>, service: Id, new: &StatisticsFactInput) -> Result<StatisticsFact, ApiError> {
    let today = services::ops::settings(work, &ServiceScope::one(service), service)?.date_of(work.now);
    let coordinates: Vec<(&str, &str)> =
        new.coordinates.iter().map(|one| (one.dimension.as_str(), one.value.as_str())).collect();
    let faults = model::faults(new.population, new.year, &new.period, &coordinates);
    let in_the_future = dates::not_in_the_future("/published_on", new.published_on, today);
    ApiError::reject_if_any(faults.into_iter().chain(in_the_future))?;
    let row = FactRow {
        id: Id::at(work.now),
        service_id: service,
        population: new.population,
        year: new.year,
        period: new.period.clone(),
        coordinates: serde_json::json!(new.coordinates).to_string(),
        value: new.value,
        source: new.source.clone(),
        published_on: new.published_on,
        used_at: None,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert(work.conn, &row)?;
    work.created(Resource::StatisticsFact, service, row.id);
    Ok(row.into())
}

/// The row of a fact of the scope, for a change.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<FactRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One fact of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<StatisticsFact, ApiError> {
    Ok(find(work, scope, id)?.into())
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
    Ok(StatisticsFactPage { data: rows.into_iter().map(Into::into).collect(), page })
}

/// The facts of a service in a year, for a release.
pub fn of_year(work: &mut Work<'_>, service: Id, year: i32) -> Result<Vec<StatisticsFact>, ApiError> {
    Ok(store::of_year(work.conn, service, year)?.into_iter().map(Into::into).collect())
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
