//! The SQL of resource people.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{ResourcePersonFilter, ResourcePersonSort};
use crate::auth::ServiceScope;
use crate::db::schema::{organisations, resource_people};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, row_writes, sorted_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::ResourceProfession;
use crate::text::like_patterns;

/// A row of `resource_people`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = resource_people, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PersonRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) name: String,
    pub(super) name_key: String,
    pub(super) profession: ResourceProfession,
    pub(super) organisation_id: Option<Id>,
    pub(super) phone: Option<String>,
    pub(super) email: Option<String>,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
    pub(super) left_on: Option<NaiveDate>,
}

crate::versioned!(PersonRow);

row_writes!(resource_people: PersonRow => pub(super) insert, pub(super) update, pub(super) delete);

type Boxed<'a> = resource_people::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// A resource person in scope, with the name of the organisation in which they work.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<(PersonRow, Option<String>)> {
    resource_people::table
        .left_join(organisations::table)
        .filter(resource_people::id.eq(id).and(resource_people::service_id.among(scope.ids())))
        .select((PersonRow::as_select(), organisations::name.nullable()))
        .get_result(conn)
}

/// The resource people in scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a ResourcePersonFilter) -> Boxed<'a> {
    let mut query = resource_people::table.filter(resource_people::service_id.among(scope.ids())).into_boxed();
    if let Some(professions) = &filter.profession {
        query = query.filter(resource_people::profession.among(professions));
    }
    if let Some(organisation) = filter.organisation_id {
        query = query.filter(resource_people::organisation_id.eq(organisation));
    }
    if let Some(name) = &filter.name {
        let patterns = like_patterns(name);
        if patterns.is_empty() {
            query = query.filter(resource_people::id.eq_any(Vec::<Id>::new()));
        }
        for pattern in patterns {
            query = query.filter(resource_people::name_key.like(pattern));
        }
    }
    match filter.has_left {
        Some(true) => query = query.filter(resource_people::left_on.is_not_null()),
        Some(false) => query = query.filter(resource_people::left_on.is_null()),
        None => {}
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(resource_people::updated_at.ge(since));
    }
    query
}

/// A page of resource people, by default ordered by folded name.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &ResourcePersonFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<PersonRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(ResourcePersonSort::Name);
    Ok(
        sorted_page!(conn, page, scope => filtered(scope, filter), resource_people as PersonRow, sort: ResourcePersonSort {
            Name | NameDesc => name_key as String,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}

/// The names of the organisations in which some people work.
pub(super) fn names_of_organisations(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    people: &[PersonRow],
) -> QueryResult<HashMap<Id, String>> {
    let ids: Vec<Id> = people.iter().filter_map(|row| row.organisation_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let names: Vec<(Id, String)> = organisations::table
        .filter(organisations::id.among(&ids).and(organisations::service_id.among(scope.ids())))
        .select((organisations::id, organisations::name))
        .load(conn)?;
    Ok(names.into_iter().collect())
}

/// Those of some resource people who are in the directory of a service, with their last day.
pub(super) fn known(conn: &mut AnyConn, service: Id, named: &[Id]) -> QueryResult<HashMap<Id, Option<NaiveDate>>> {
    resource_people::table
        .filter(resource_people::id.among(named).and(resource_people::service_id.eq(service)))
        .select((resource_people::id, resource_people::left_on))
        .load(conn)
        .map(|rows: Vec<(Id, Option<NaiveDate>)>| rows.into_iter().collect())
}
