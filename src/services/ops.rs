//! Creating, reading and correcting services and their staff positions.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::dto::{
    Position, PositionInput, PositionPage, PositionPatch, Service, ServiceFilter, ServiceInput, ServicePage,
    ServicePatch,
};
use super::model::{self, ServiceDays, Settings};
use super::store;
use crate::auth::ServiceScope;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Code, Text};
use crate::http::body::check_rules;
use crate::http::page::{List, PageRequest};
use crate::nomenclatures::codes::ChildcareGroup;
use crate::territories::DepartementCode;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

pub use super::store::{PositionRow, ServiceRow};

/// Creates a service and its key. Only callers with access to every service may do so.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &ServiceInput) -> Result<Service, ApiError> {
    if *scope != ServiceScope::All {
        return Err(ApiError::new(Code::Forbidden).detail(
            "Seule une administratrice ou un administrateur du déploiement peut créer un service.",
            "Only an administrator of the deployment can create a service.",
        ));
    }
    let id = Id::at(work.now);
    create_as(work, id, new)?;
    get(work, scope, id)
}

/// Creates a service with a given identifier, and its key.
pub fn create_as(work: &mut Work<'_>, id: Id, new: &ServiceInput) -> Result<(), ApiError> {
    let wrapped_key = work.vault.new_service_key(id)?;
    store::insert(work.conn, id, new, &wrapped_key, work.now)?;
    work.created(Resource::Service, id, id);
    Ok(())
}

/// The settings of the service that a request names at `pointer`. The error is the same whether the service is out of
/// scope or does not exist.
pub fn require(work: &mut Work<'_>, scope: &ServiceScope, id: Id, pointer: &str) -> Result<Settings, ApiError> {
    settings_of(work, scope, &[id])?.remove(&id).ok_or_else(|| {
        ApiError::rule(pointer, "unknown_service", Text::new("Service introuvable.", "No such service."))
    })
}

/// The row of a service in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ServiceRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// The settings that rules need, of a service in scope; 404 if there is none. Read once per unit of work.
pub fn settings(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Settings, ApiError> {
    settings_of(work, scope, &[id])?.remove(&id).ok_or_else(ApiError::not_found)
}

/// The settings of several services, those in scope.
pub fn settings_of(work: &mut Work<'_>, scope: &ServiceScope, ids: &[Id]) -> Result<HashMap<Id, Settings>, ApiError> {
    let wanted: BTreeSet<Id> = ids.iter().copied().filter(|id| scope.contains(*id)).collect();
    let unknown: Vec<Id> = wanted.iter().copied().filter(|id| work.known::<Settings>(*id).is_none()).collect();
    if !unknown.is_empty() {
        for settings in store::settings(work.conn, &unknown)? {
            work.learn(settings.id, settings);
        }
    }
    Ok(wanted.into_iter().filter_map(|id| Some((id, work.known(id)?))).collect())
}

/// Today's date in the time zone of a service.
pub fn today(work: &mut Work<'_>, service: Id) -> Result<NaiveDate, ApiError> {
    Ok(settings(work, &ServiceScope::one(service), service)?.date_of(work.now))
}

/// Today's date in the time zones of several services.
pub fn days(work: &mut Work<'_>, services: &[Id]) -> Result<HashMap<Id, NaiveDate>, ApiError> {
    let settings = settings_of(work, &ServiceScope::Only(services.to_vec()), services)?;
    Ok(settings.into_iter().map(|(id, settings)| (id, settings.date_of(work.now))).collect())
}

/// The services of a scope by their day, for a list that spans several.
pub fn by_day(work: &mut Work<'_>, scope: &ServiceScope) -> Result<ServiceDays, ApiError> {
    Ok(model::by_day(days(work, scope.ids())?))
}

/// One service in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Service, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    to_service(work, row)
}

/// A service from its row and the related tables.
fn to_service(work: &mut Work<'_>, row: ServiceRow) -> Result<Service, ApiError> {
    let id = row.id;
    let (mut departements, mut groups) = store::coverage(work.conn, &[id])?;
    Ok(service(row, departements.remove(&id).unwrap_or_default(), groups.remove(&id).unwrap_or_default()))
}

fn service(row: ServiceRow, departements: Vec<DepartementCode>, childcare_groups: Vec<ChildcareGroup>) -> Service {
    Service {
        id: row.id,
        name: row.name,
        time_zone: row.time_zone,
        departements,
        age_lower_birthday: row.age_lower_birthday,
        age_upper_birthday: row.age_upper_birthday,
        childcare_groups,
        opened_on: row.opened_on,
        closed_on: row.closed_on,
        late_entry_days: row.late_entry_days,
        placement_review_months: model::months_of(&row.placement_review_months).collect(),
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// A page of the services in scope.
pub fn list(work: &mut Work<'_>, scope: &ServiceScope, list: &List<ServiceFilter>) -> Result<ServicePage, ApiError> {
    let (rows, info) = store::list(work.conn, scope, &list.filter, &list.page)?;
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let (mut departements, mut groups) = store::coverage(work.conn, &ids)?;
    let data = rows.into_iter().map(|row| {
        let id = row.id;
        service(row, departements.remove(&id).unwrap_or_default(), groups.remove(&id).unwrap_or_default())
    });
    Ok(ServicePage { data: data.collect(), page: info })
}

/// Corrects a service. The result must meet the rules of a new service.
pub fn correct(work: &mut Work<'_>, row: &ServiceRow, patch: ServicePatch) -> Result<Service, ApiError> {
    let before = to_service(work, row.clone())?;
    let after = ServiceInput {
        name: patch.name.unwrap_or_else(|| before.name.clone()),
        time_zone: patch.time_zone.unwrap_or_else(|| before.time_zone.clone()),
        departements: patch.departements.unwrap_or_else(|| before.departements.clone()),
        age_lower_birthday: patch.age_lower_birthday.unwrap_or(before.age_lower_birthday),
        age_upper_birthday: patch.age_upper_birthday.unwrap_or(before.age_upper_birthday),
        childcare_groups: patch.childcare_groups.unwrap_or_else(|| before.childcare_groups.iter().cloned().collect()),
        opened_on: patch.opened_on.unwrap_or(before.opened_on),
        late_entry_days: patch.late_entry_days.unwrap_or(before.late_entry_days),
        placement_review_months: patch
            .placement_review_months
            .unwrap_or_else(|| before.placement_review_months.clone()),
    };
    check_rules(&after)?;
    let closed_on = patch.closed_on.over(before.closed_on);
    let end = closed_on.and_then(|end| dates::not_inverted("/closed_on", after.opened_on, end));
    ApiError::reject_if_any(end)?;
    let groups: BTreeSet<ChildcareGroup> = before.childcare_groups.iter().cloned().collect();
    let departements = |codes: &[DepartementCode]| codes.iter().cloned().collect::<BTreeSet<_>>();
    let unchanged = (&after.name, &after.time_zone) == (&before.name, &before.time_zone)
        && (after.age_lower_birthday, after.age_upper_birthday)
            == (before.age_lower_birthday, before.age_upper_birthday)
        && (after.opened_on, closed_on) == (before.opened_on, before.closed_on)
        && after.late_entry_days == before.late_entry_days
        && after.placement_review_months == before.placement_review_months
        && after.childcare_groups.iter().eq(&groups)
        && departements(&after.departements) == departements(&before.departements);
    if unchanged {
        return Ok(before);
    }
    ApiError::require_first(store::update(work.conn, row, &after, closed_on, work.now)?)?;
    work.forget_known();
    work.changed(Resource::Service, row.id, row.id);
    get(work, &ServiceScope::one(row.id), row.id)
}

/// Corrects a staff position.
pub fn correct_position(work: &mut Work<'_>, row: &PositionRow, patch: PositionPatch) -> Result<Position, ApiError> {
    let mut new = row.clone();
    new.title = patch.title.unwrap_or(new.title);
    new.fte_percent = patch.fte_percent.unwrap_or(new.fte_percent);
    new.starts_on = patch.starts_on.unwrap_or(new.starts_on);
    new.ends_on = patch.ends_on.over(new.ends_on);
    new.counted = patch.counted.unwrap_or(new.counted);
    let end = new.ends_on.and_then(|end| dates::not_inverted("/ends_on", new.starts_on, end));
    ApiError::reject_if_any(end)?;
    if new == *row {
        return Ok(new.into());
    }
    new.version = row.version + 1;
    ApiError::require_first(store::update_position(work.conn, row, &new)?)?;
    work.changed(Resource::Position, row.service_id, row.id);
    Ok(new.into())
}

/// Deletes a staff position recorded by mistake: it counts in no full-time equivalent. A position that ends gets a last day.
pub fn delete_position(work: &mut Work<'_>, row: &PositionRow, reason: DeletionReason) -> Result<(), ApiError> {
    ApiError::require_first(store::delete_position(work.conn, row)?)?;
    work.deleted(Resource::Position, row.service_id, row.id, reason);
    Ok(())
}

/// The row of a position of a service in scope; 404 if there is none.
pub fn find_position(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<PositionRow, ApiError> {
    Ok(store::position(work.conn, scope, id)?)
}

/// Adds a staff position to a service.
pub fn add_position(work: &mut Work<'_>, service: Id, new: &PositionInput) -> Result<Position, ApiError> {
    let row = PositionRow {
        id: Id::at(work.now),
        service_id: service,
        title: new.title.clone(),
        fte_percent: new.fte_percent,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        counted: new.counted,
        version: 1,
        created_at: work.now,
    };
    store::insert_position(work.conn, &row)?;
    work.created(Resource::Position, service, row.id);
    Ok(row.into())
}

/// One position of a service in scope.
pub fn position(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Position, ApiError> {
    Ok(store::position(work.conn, scope, id)?.into())
}

/// A page of the positions of a service.
pub fn positions(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    page: &PageRequest,
) -> Result<PositionPage, ApiError> {
    store::get(work.conn, scope, service)?;
    let (rows, info) = store::list_positions(work.conn, service, page)?;
    Ok(PositionPage { data: rows.into_iter().map(Position::from).collect(), page: info })
}
