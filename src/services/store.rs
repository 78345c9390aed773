//! The SQL of services.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{Position, ServiceFilter, ServiceInput, ServiceSort};
use super::model::{PositionDates, Settings, months_of, text_of};
use crate::auth::ServiceScope;
use crate::db::schema::{positions, service_childcare_groups, service_departements, services};
use crate::db::{
    AnyConn, Id, IsAmong, UtcTs, columns, from_row, insert_together, ordered_page, row_writes, sorted_page, together,
    write_together,
};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::ChildcareGroup;
use crate::territories::DepartementCode;

/// A row of `services`, without its key.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = services)]
pub struct ServiceRow {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) time_zone: String,
    pub(super) age_lower_birthday: i32,
    pub(super) age_upper_birthday: i32,
    pub(super) opened_on: NaiveDate,
    pub(super) closed_on: Option<NaiveDate>,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
    pub(super) late_entry_days: i32,
    pub(super) placement_review_months: String,
}

/// A row of `positions`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = positions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PositionRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) title: String,
    pub(super) fte_percent: i32,
    pub(super) starts_on: NaiveDate,
    pub(super) ends_on: Option<NaiveDate>,
    pub(super) counted: bool,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
}

crate::versioned!(ServiceRow, PositionRow);

from_row!(PositionRow => Position { id, service_id, title, fte_percent, starts_on, ends_on, counted, version });

impl ServiceRow {
    /// Identifier.
    pub fn id(&self) -> Id {
        self.id
    }
}

/// A group of childcare of a service.
pub type GroupRow = (Id, ChildcareGroup);

/// The query of the [`GroupRow`]s of several services.
macro_rules! groups_of {
    ($services:expr) => {{
        use $crate::db::schema::service_childcare_groups;
        service_childcare_groups::table
            .filter(service_childcare_groups::service_id.among($services))
            .order((service_childcare_groups::service_id, service_childcare_groups::childcare_group))
            .select((service_childcare_groups::service_id, service_childcare_groups::childcare_group))
    }};
}

pub(crate) use groups_of;

type Boxed<'a> = services::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// The services in scope: all of them for an administrator.
fn visible(scope: &ServiceScope) -> Boxed<'_> {
    let query = services::table.into_boxed();
    match scope {
        ServiceScope::All => query,
        ServiceScope::Only(ids) => query.filter(services::id.among(ids)),
    }
}

pub(super) fn insert(
    conn: &mut AnyConn,
    id: Id,
    new: &ServiceInput,
    wrapped_key: &[u8],
    now: UtcTs,
) -> QueryResult<()> {
    diesel::insert_into(services::table)
        .values((
            services::id.eq(id),
            services::name.eq(&new.name),
            services::time_zone.eq(&new.time_zone),
            services::age_lower_birthday.eq(new.age_lower_birthday),
            services::age_upper_birthday.eq(new.age_upper_birthday),
            services::opened_on.eq(new.opened_on),
            services::wrapped_key.eq(wrapped_key),
            services::version.eq(1),
            services::created_at.eq(now),
            services::updated_at.eq(now),
            services::late_entry_days.eq(new.late_entry_days),
            services::placement_review_months.eq(text_of(&new.placement_review_months)),
        ))
        .execute(conn)?;
    insert_coverage(conn, id, new)
}

/// Updates the version that was read. Returns false if a concurrent change came first.
pub(super) fn update(
    conn: &mut AnyConn,
    row: &ServiceRow,
    new: &ServiceInput,
    closed_on: Option<NaiveDate>,
    now: UtcTs,
) -> QueryResult<bool> {
    let unchanged = services::id.eq(row.id).and(services::version.eq(row.version));
    let changed = write_together!(
        conn,
        diesel::delete(service_departements::table.filter(service_departements::service_id.eq(row.id))),
        diesel::delete(service_childcare_groups::table.filter(service_childcare_groups::service_id.eq(row.id))),
        diesel::update(services::table.filter(unchanged)).set((
            services::name.eq(&new.name),
            services::time_zone.eq(&new.time_zone),
            services::age_lower_birthday.eq(new.age_lower_birthday),
            services::age_upper_birthday.eq(new.age_upper_birthday),
            services::opened_on.eq(new.opened_on),
            services::closed_on.eq(closed_on),
            services::version.eq(row.version + 1),
            services::updated_at.eq(now),
            services::late_entry_days.eq(new.late_entry_days),
            services::placement_review_months.eq(text_of(&new.placement_review_months)),
        )),
    )?;
    insert_coverage(conn, row.id, new)?;
    Ok(changed == 1)
}

fn insert_coverage(conn: &mut AnyConn, id: Id, new: &ServiceInput) -> QueryResult<()> {
    let departement = |code| (service_departements::service_id.eq(id), service_departements::departement_code.eq(code));
    let group =
        |group| (service_childcare_groups::service_id.eq(id), service_childcare_groups::childcare_group.eq(group));
    let departements: Vec<_> = new.departements.iter().map(departement).collect();
    let groups: Vec<_> = new.childcare_groups.iter().map(group).collect();
    insert_together!(conn, service_departements => &departements, service_childcare_groups => &groups)
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<ServiceRow> {
    visible(scope).filter(services::id.eq(id)).select(ServiceRow::as_select()).get_result(conn)
}

/// The services in scope with a name.
pub fn named(conn: &mut AnyConn, scope: &ServiceScope, name: &str) -> QueryResult<Vec<Id>> {
    visible(scope).filter(services::name.eq(name)).order(services::id).select(services::id).load(conn)
}

/// The services in scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &ServiceFilter) -> Boxed<'a> {
    match filter.updated_since {
        Some(since) => visible(scope).filter(services::updated_at.ge(since)),
        None => visible(scope),
    }
}

/// A page of services, by default oldest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &ServiceFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<ServiceRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(ServiceSort::CreatedAt);
    Ok(sorted_page!(conn, page, filtered(scope, filter), services as ServiceRow, sort: ServiceSort {
        CreatedAt | CreatedAtDesc => created_at as UtcTs,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}

/// The départements and the childcare groups of several services, ordered by code.
pub(super) fn coverage(
    conn: &mut AnyConn,
    ids: &[Id],
) -> QueryResult<(ByService<DepartementCode>, ByService<ChildcareGroup>)> {
    let (departements, groups) = together!(
        conn,
        service_departements::table
            .filter(service_departements::service_id.among(ids))
            .order((service_departements::service_id, service_departements::departement_code))
            .select((service_departements::service_id, service_departements::departement_code))
            => (Id, DepartementCode),
        groups_of!(ids) => GroupRow,
    )?;
    Ok((by_service(departements), by_service(groups)))
}

/// Values of several services, by service.
pub(super) type ByService<T> = HashMap<Id, Vec<T>>;

fn by_service<T>(rows: Vec<(Id, T)>) -> ByService<T> {
    let mut map = ByService::new();
    for (service, value) in rows {
        map.entry(service).or_insert_with(Vec::new).push(value);
    }
    map
}

/// The settings that rules need, of several services in the caller's scope.
pub(super) fn settings(conn: &mut AnyConn, ids: &[Id]) -> QueryResult<Vec<Settings>> {
    let (rows, departements, groups) = together!(
        conn,
        services::table.filter(services::id.among(ids)).select(columns::<ServiceRow>()) => ServiceRow,
        service_departements::table
            .filter(service_departements::service_id.among(ids))
            .order((service_departements::service_id, service_departements::departement_code))
            .select((service_departements::service_id, service_departements::departement_code))
            => (Id, DepartementCode),
        groups_of!(ids) => GroupRow,
    )?;
    Ok(assembled(rows, departements, groups))
}

/// The settings of services from the rows of three tables, which a store may read together with others.
pub fn assembled(
    rows: Vec<ServiceRow>,
    departements: Vec<(Id, DepartementCode)>,
    groups: Vec<GroupRow>,
) -> Vec<Settings> {
    let mut departements = by_service(departements);
    let mut groups = by_service(groups);
    let settings = |row: ServiceRow| Settings {
        id: row.id,
        name: row.name,
        time_zone: row.time_zone.parse().unwrap_or(chrono_tz::Europe::Paris),
        opened_on: row.opened_on,
        age_lower_birthday: u32::try_from(row.age_lower_birthday).unwrap_or_default(),
        age_upper_birthday: u32::try_from(row.age_upper_birthday).unwrap_or_default(),
        late_entry_days: row.late_entry_days,
        placement_review_months: months_of(&row.placement_review_months).collect(),
        departements: departements.remove(&row.id).unwrap_or_default(),
        childcare_groups: groups.remove(&row.id).unwrap_or_default(),
    };
    rows.into_iter().map(settings).collect()
}

/// Every service of the deployment, for background jobs.
pub fn all(conn: &mut AnyConn) -> QueryResult<Vec<Id>> {
    services::table.order(services::id).select(services::id).load(conn)
}

row_writes! {
    positions: PositionRow =>
    pub(super) insert as insert_position, pub(super) update as update_position, pub(super) delete as delete_position
}

/// One position of a service in scope.
pub(super) fn position(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<PositionRow> {
    let mut query = positions::table.filter(positions::id.eq(id)).into_boxed();
    if let ServiceScope::Only(ids) = scope {
        query = query.filter(positions::service_id.among(ids));
    }
    query.select(PositionRow::as_select()).get_result(conn)
}

/// A page of the positions of a service, oldest first.
pub(super) fn list_positions(
    conn: &mut AnyConn,
    service: Id,
    page: &PageRequest,
) -> QueryResult<(Vec<PositionRow>, PageInfo)> {
    let of_service = || positions::table.filter(positions::service_id.eq(service)).into_boxed();
    Ok(ordered_page!(conn, page, of_service(), positions as PositionRow, asc starts_on as NaiveDate))
}

/// The positions of a service, for its full-time equivalents.
pub fn position_dates(conn: &mut AnyConn, service: Id) -> QueryResult<Vec<PositionDates>> {
    let rows: Vec<(i32, NaiveDate, Option<NaiveDate>, bool)> = positions::table
        .filter(positions::service_id.eq(service))
        .select((positions::fte_percent, positions::starts_on, positions::ends_on, positions::counted))
        .load(conn)?;
    let dates = |(fte_percent, starts_on, ends_on, counted)| PositionDates { fte_percent, starts_on, ends_on, counted };
    Ok(rows.into_iter().map(dates).collect())
}
