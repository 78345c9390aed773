//! The SQL of the history of cases.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::{case_events, cases};
use crate::db::{AnyConn, Id, IsAmong, UtcTs};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::CaseOutcome;
use crate::trail::Resource;

/// A row of `case_events`.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_events, treat_none_as_default_value = false)]
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
    /// The record that was removed.
    pub(super) object_kind: Option<Resource>,
    pub(super) object_id: Option<Id>,
}

/// The versions of cases, whose rows are locked.
pub(super) fn versions(conn: &mut AnyConn, service: Id, ids: &[Id]) -> QueryResult<Vec<(Id, i32)>> {
    cases::table
        .filter(cases::id.among(ids).and(cases::service_id.eq(service)))
        .select((cases::id, cases::version))
        .load(conn)
}

/// A page of the events of a case, oldest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    page: &PageRequest,
) -> QueryResult<(Vec<CaseEventRow>, PageInfo)> {
    let of_case =
        || case_events::table.filter(case_events::case_id.eq(case).and(case_events::service_id.among(scope.ids())));
    let rows = of_case()
        .filter(case_events::version.gt(page.after().unwrap_or(0)))
        .order(case_events::version)
        .limit(page.fetch())
        .select(CaseEventRow::as_select())
        .load(conn)?;
    let (rows, info) = page.cut(rows, |row| row.version);
    let info = page.counted(info, || of_case().count().get_result(conn))?;
    Ok((rows, info))
}
