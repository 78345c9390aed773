//! The SQL of steps.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::case_steps;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, ordered_page, row_writes};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::CaseStep;

/// A row of `case_steps`.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_steps, treat_none_as_default_value = false)]
pub struct StepRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) case_id: Id,
    pub(super) step: CaseStep,
    pub(super) reached_on: NaiveDate,
    pub(super) note: Option<Vec<u8>>,
    pub(super) author: String,
    pub(super) created_at: UtcTs,
}

row_writes!(case_steps: StepRow => pub(super) insert);

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
