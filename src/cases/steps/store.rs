//! The SQL of steps.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{CaseStepFilter, CaseStepSort};
use crate::auth::ServiceScope;
use crate::cases::corrections::store::{CorrectionRow, recorded};
use crate::db::schema::{case_steps, corrections};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, row_writes, sorted_page, write_together};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::CaseStep;

/// A row of `case_steps`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = case_steps, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct StepRow {
    pub(in crate::cases) id: Id,
    pub(in crate::cases) service_id: Id,
    pub(in crate::cases) case_id: Id,
    pub(in crate::cases) step: CaseStep,
    pub(in crate::cases) reached_on: NaiveDate,
    pub(in crate::cases) note: Option<Vec<u8>>,
    pub(in crate::cases) author: String,
    pub(in crate::cases) created_at: UtcTs,
    pub(in crate::cases) version: i32,
    pub(in crate::cases) updated_at: UtcTs,
    pub(in crate::cases) placement_id: Option<Id>,
}

recorded!(StepRow as CaseStep, in case_steps);

row_writes!(case_steps: StepRow => pub(super) insert);

type Boxed<'a> = case_steps::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// A step in scope.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<StepRow> {
    let of_scope = case_steps::id.eq(id).and(case_steps::service_id.among(scope.ids()));
    case_steps::table.filter(of_scope).select(StepRow::as_select()).get_result(conn)
}

/// Replaces the version that was read, and keeps its former values. Returns false if another writer was first.
pub(in crate::cases) fn correct(
    conn: &mut AnyConn,
    row: &StepRow,
    new: &StepRow,
    correction: &CorrectionRow,
) -> QueryResult<bool> {
    let read = || case_steps::id.eq(row.id).and(case_steps::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::update(case_steps::table.filter(read())).set(new),
    )?;
    Ok(written == 1)
}

/// Removes the version that was read, and keeps its values. Returns false if another writer was first.
pub(in crate::cases) fn remove(conn: &mut AnyConn, row: &StepRow, correction: &CorrectionRow) -> QueryResult<bool> {
    let read = || case_steps::id.eq(row.id).and(case_steps::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(case_steps::table.filter(read())),
    )?;
    Ok(written == 1)
}

/// The steps of a case that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, case: Id, filter: &CaseStepFilter) -> Boxed<'a> {
    let of_case = case_steps::service_id.among(scope.ids()).and(case_steps::case_id.eq(case));
    let query = case_steps::table.filter(of_case).into_boxed();
    match filter.updated_since {
        Some(since) => query.filter(case_steps::updated_at.ge(since)),
        None => query,
    }
}

/// A page of the steps of a case, by default earliest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    filter: &CaseStepFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<StepRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(CaseStepSort::ReachedOn);
    Ok(sorted_page!(conn, page, filtered(scope, case, filter), case_steps as StepRow, sort: CaseStepSort {
        ReachedOn | ReachedOnDesc => reached_on as NaiveDate,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}
