//! The SQL of placements.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{Placement, PlacementFilter, PlacementSort};
use crate::auth::ServiceScope;
use crate::cases::corrections::store::{CorrectionRow, OriginRow};
use crate::cases::steps::store::StepRow;
use crate::db::schema::{case_steps, cases, corrections, placements};
use crate::db::{
    AnyConn, Id, IsAmong, UtcTs, columns, from_row, insert_together, row_writes, sorted_page, together, write_together,
};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::ChildcareType;

/// A row of `placements`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = placements, treat_none_as_null = true, treat_none_as_default_value = false)]
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

from_row!(row: PlacementRow => Placement {
    id, case_id, organisation_id, childcare_type, starts_on, ends_on, author, version, created_at, updated_at;
    counted_in: None,
});

type Boxed<'a> = placements::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    placements::table.filter(placements::service_id.among(scope.ids())).into_boxed()
}

row_writes!(placements: PlacementRow => pub(super) update);

/// Records a placement, and the step of the case that it is.
pub(super) fn insert(conn: &mut AnyConn, row: &PlacementRow, step: &StepRow) -> QueryResult<()> {
    let (placement, step) = (std::slice::from_ref(row), std::slice::from_ref(step));
    insert_together!(conn, placements => placement, case_steps => step)
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<PlacementRow> {
    visible(scope).filter(placements::id.eq(id)).select(PlacementRow::as_select()).get_result(conn)
}

/// The placement of a case in a structure from a day on.
pub(super) fn recorded(
    conn: &mut AnyConn,
    case: Id,
    organisation: Id,
    starts_on: NaiveDate,
) -> QueryResult<Option<Id>> {
    let same = placements::case_id.eq(case).and(placements::organisation_id.eq(organisation));
    placements::table
        .filter(same.and(placements::starts_on.eq(starts_on)))
        .select(placements::id)
        .get_result(conn)
        .optional()
}

/// Whether a case has a placement that is current on a day, leaving one out.
pub(in crate::cases) fn current_on(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    day: NaiveDate,
    except: Option<Id>,
) -> QueryResult<bool> {
    let current = placements::starts_on.le(day).and(placements::ends_on.is_null().or(placements::ends_on.ge(day)));
    let mut query = visible(scope).filter(placements::case_id.eq(case)).filter(current);
    if let Some(except) = except {
        query = query.filter(placements::id.ne(except));
    }
    let first: Option<Id> = query.select(placements::id).first(conn).optional()?;
    Ok(first.is_some())
}

/// A placement in scope, with the step that it recorded.
pub(super) fn with_step(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    id: Id,
) -> QueryResult<(PlacementRow, Option<StepRow>)> {
    let (rows, steps) = together!(
        conn,
        placements::table
            .filter(placements::id.eq(id).and(placements::service_id.among(scope.ids())))
            .select(columns::<PlacementRow>())
            => PlacementRow,
        case_steps::table
            .filter(case_steps::placement_id.eq(id).and(case_steps::service_id.among(scope.ids())))
            .select(columns::<StepRow>())
            => StepRow,
    )?;
    let row = rows.into_iter().next().ok_or(diesel::result::Error::NotFound)?;
    Ok((row, steps.into_iter().next()))
}

/// The service of a placement in scope, who recorded it, its case and the household of the case.
pub(super) fn origin(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Option<OriginRow>> {
    placements::table
        .inner_join(cases::table)
        .filter(placements::id.eq(id).and(placements::service_id.among(scope.ids())))
        .select((placements::service_id, placements::author, placements::case_id, cases::household_id))
        .get_result(conn)
        .optional()
}

/// Replaces the version that was read, and keeps its former values. Returns false if another writer was first.
pub(super) fn correct(
    conn: &mut AnyConn,
    row: &PlacementRow,
    new: &PlacementRow,
    correction: &CorrectionRow,
) -> QueryResult<bool> {
    let read = || placements::id.eq(row.id).and(placements::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::update(placements::table.filter(read())).set(new),
    )?;
    Ok(written == 1)
}

/// Removes the version that was read, and keeps its values. Returns false if another writer was first.
pub(super) fn remove(conn: &mut AnyConn, row: &PlacementRow, correction: &CorrectionRow) -> QueryResult<bool> {
    let read = || placements::id.eq(row.id).and(placements::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(placements::table.filter(read())),
    )?;
    Ok(written == 1)
}

/// The placements of a case that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, case: Id, filter: &PlacementFilter) -> Boxed<'a> {
    let query = visible(scope).filter(placements::case_id.eq(case));
    match filter.updated_since {
        Some(since) => query.filter(placements::updated_at.ge(since)),
        None => query,
    }
}

/// A page of the placements of a case, by default most recent start date first.
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
