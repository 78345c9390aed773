//! The SQL of the history of cases.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::{case_events, cases};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, insert_together};
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
    /// The record that was removed, or the merge.
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

pub(super) fn insert(conn: &mut AnyConn, events: &[CaseEventRow]) -> QueryResult<()> {
    insert_together!(conn, case_events => events)
}

/// The place of an event: when it was recorded, the version of its case, itself.
type Place = (UtcTs, i32, Id);

/// A page of the events of a case and of those that were merged into it, oldest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    cases: &[Id],
    page: &PageRequest,
) -> QueryResult<(Vec<CaseEventRow>, PageInfo)> {
    let of_cases =
        || case_events::table.filter(case_events::case_id.among(cases).and(case_events::service_id.among(scope.ids())));
    let after = page.after::<Place>();
    let mut query = of_cases().into_boxed();
    query = match (cases, after) {
        // The events of one case are read from the index of their versions.
        ([_], after) => query
            .filter(case_events::version.gt(after.map_or(0, |(_, version, _)| version)))
            .order(case_events::version),
        (_, None) => query.order((case_events::created_at, case_events::version, case_events::id)),
        (_, Some((at, version, id))) => {
            let of_instant =
                case_events::version.gt(version).or(case_events::version.eq(version).and(case_events::id.gt(id)));
            query.filter(case_events::created_at.gt(at).or(case_events::created_at.eq(at).and(of_instant))).order((
                case_events::created_at,
                case_events::version,
                case_events::id,
            ))
        }
    };
    let rows = query.limit(page.fetch()).select(CaseEventRow::as_select()).load(conn)?;
    let (rows, info) = page.cut(rows, |row| (row.created_at, row.version, row.id));
    let info = page.counted(info, || of_cases().count().get_result(conn))?;
    Ok((rows, info))
}
