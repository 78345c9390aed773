//! The SQL of steps.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::cases::store::CaseRow;
use crate::db::schema::case_steps;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, ordered_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::CaseStep;

/// A row of `case_steps`.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = case_steps)]
pub struct StepRow {
    pub(super) id: Id,
    pub(super) case_id: Id,
    pub(super) step: CaseStep,
    pub(super) reached_on: NaiveDate,
    pub(super) note: Option<Vec<u8>>,
    pub(super) author: String,
    pub(super) created_at: UtcTs,
}

/// The values of a new row besides its case.
pub(super) struct NewStepRow<'a> {
    pub(super) id: Id,
    pub(super) step: &'a str,
    pub(super) reached_on: NaiveDate,
    pub(super) note: Option<Vec<u8>>,
    pub(super) author: String,
    pub(super) now: UtcTs,
}

pub(super) fn insert(conn: &mut AnyConn, case: &CaseRow, row: NewStepRow<'_>) -> QueryResult<()> {
    diesel::insert_into(case_steps::table)
        .values((
            case_steps::id.eq(row.id),
            case_steps::service_id.eq(case.service_id),
            case_steps::case_id.eq(case.id),
            case_steps::step.eq(row.step),
            case_steps::reached_on.eq(row.reached_on),
            case_steps::note.eq(row.note),
            case_steps::author.eq(row.author),
            case_steps::created_at.eq(row.now),
        ))
        .execute(conn)
        .map(drop)
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<StepRow> {
    case_steps::table
        .filter(case_steps::service_id.among(scope.ids()).and(case_steps::id.eq(id)))
        .select(StepRow::as_select())
        .get_result(conn)
}

type Boxed<'a> = case_steps::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn of_case(scope: &ServiceScope, case: Id) -> Boxed<'_> {
    case_steps::table.filter(case_steps::service_id.among(scope.ids()).and(case_steps::case_id.eq(case))).into_boxed()
}

/// A page of the steps of a case, ordered by date.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    page: &PageRequest,
) -> QueryResult<(Vec<StepRow>, PageInfo)> {
    Ok(ordered_page!(conn, page, of_case(scope, case), case_steps as StepRow, asc reached_on as NaiveDate))
}
