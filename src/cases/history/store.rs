//! The SQL of the history of cases.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::case_events;
use crate::db::{AnyConn, Id, UtcTs};
use crate::nomenclatures::codes::CaseOutcome;

/// A row of `case_events`.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_events)]
pub struct CaseEventRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) case_id: Id,
    pub(super) version: i32,
    pub(super) action: String,
    pub(super) outcome: Option<CaseOutcome>,
    pub(super) happened_on: NaiveDate,
    pub(super) author: String,
    pub(super) created_at: UtcTs,
}

pub(super) fn insert(conn: &mut AnyConn, row: &CaseEventRow) -> QueryResult<()> {
    diesel::insert_into(case_events::table).values(row).execute(conn).map(drop)
}

/// A page of the events of a case, oldest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    after: Option<i32>,
    limit: i64,
) -> QueryResult<Vec<CaseEventRow>> {
    case_events::table
        .filter(case_events::case_id.eq(case).and(case_events::service_id.eq_any(scope.ids())))
        .filter(case_events::version.gt(after.unwrap_or(0)))
        .order(case_events::version)
        .limit(limit)
        .select(CaseEventRow::as_select())
        .load(conn)
}
