//! The SQL of placements.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{NewPlacement, Placement, PlacementFilter, PlacementSort};
use crate::auth::ServiceScope;
use crate::cases::store::CaseRow;
use crate::db::schema::placements;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, sorted_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::ChildcareType;

/// A row of `placements`.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = placements)]
pub struct PlacementRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) case_id: Id,
    pub(super) organisation_id: Id,
    pub(super) childcare_type: ChildcareType,
    pub(super) starts_on: NaiveDate,
    pub(super) ends_on: Option<NaiveDate>,
    pub(super) author: String,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

crate::versioned!(PlacementRow);

impl From<PlacementRow> for Placement {
    fn from(row: PlacementRow) -> Self {
        Self {
            id: row.id,
            case_id: row.case_id,
            organisation_id: row.organisation_id,
            childcare_type: row.childcare_type,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            author: row.author,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

type Boxed<'a> = placements::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    placements::table.filter(placements::service_id.among(scope.ids())).into_boxed()
}

pub(super) fn insert(
    conn: &mut AnyConn,
    case: &CaseRow,
    id: Id,
    new: &NewPlacement,
    author: String,
    now: UtcTs,
) -> QueryResult<()> {
    diesel::insert_into(placements::table)
        .values((
            placements::id.eq(id),
            placements::service_id.eq(case.service_id),
            placements::case_id.eq(case.id),
            placements::organisation_id.eq(new.organisation_id),
            placements::childcare_type.eq(&new.childcare_type),
            placements::starts_on.eq(new.starts_on),
            placements::ends_on.eq(new.ends_on),
            placements::author.eq(author),
            placements::version.eq(1),
            placements::created_at.eq(now),
            placements::updated_at.eq(now),
        ))
        .execute(conn)
        .map(drop)
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<PlacementRow> {
    visible(scope).filter(placements::id.eq(id)).select(PlacementRow::as_select()).get_result(conn)
}

/// Whether a case has a placement.
pub(in crate::cases) fn exist_for(conn: &mut AnyConn, scope: &ServiceScope, case: Id) -> QueryResult<bool> {
    let first: Option<Id> =
        visible(scope).filter(placements::case_id.eq(case)).select(placements::id).first(conn).optional()?;
    Ok(first.is_some())
}

/// The placements of a case that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, case: Id, filter: &PlacementFilter) -> Boxed<'a> {
    let query = visible(scope).filter(placements::case_id.eq(case));
    match filter.updated_since {
        Some(since) => query.filter(placements::updated_at.ge(since)),
        None => query,
    }
}

/// A page of the placements of a case, by default latest first day first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    filter: &PlacementFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<PlacementRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(PlacementSort::StartsOnDesc);
    Ok(sorted_page!(conn, page, filtered(scope, case, filter), placements as PlacementRow, sort: PlacementSort {
        StartsOn | StartsOnDesc => starts_on as NaiveDate,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}

/// Sets the last day on the version that was read. Returns false if a concurrent change came first.
pub(super) fn end(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    placement: &PlacementRow,
    ends_on: NaiveDate,
    now: UtcTs,
) -> QueryResult<bool> {
    let unchanged = placements::id.eq(placement.id).and(placements::version.eq(placement.version));
    let changed = diesel::update(placements::table.filter(placements::service_id.among(scope.ids())).filter(unchanged))
        .set((
            placements::ends_on.eq(ends_on),
            placements::version.eq(placement.version + 1),
            placements::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}
