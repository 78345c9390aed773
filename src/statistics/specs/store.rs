//! The SQL of specifications.

use chrono::NaiveDate;
use diesel::dsl::count;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::cases::model::Subject;
use crate::db::schema::{cases, kits, statistics_specs};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, row_writes, together};

/// A row of `statistics_specs`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = statistics_specs)]
pub(super) struct SpecRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) code: String,
    pub(super) version: i32,
    pub(super) body: String,
    pub(super) sha256: String,
    pub(super) author: String,
    pub(super) created_at: UtcTs,
}

row_writes!(statistics_specs: SpecRow => pub(super) insert);

/// The specifications of a service of the scope, by code, latest version first.
pub(super) fn all(conn: &mut AnyConn, scope: &ServiceScope, service: Id) -> QueryResult<Vec<SpecRow>> {
    statistics_specs::table
        .filter(statistics_specs::service_id.among(scope.ids()).and(statistics_specs::service_id.eq(service)))
        .order((statistics_specs::code, statistics_specs::version.desc()))
        .select(SpecRow::as_select())
        .load(conn)
}

/// The versions of a specification of a service, latest first.
pub(super) fn versions(conn: &mut AnyConn, service: Id, code: &str) -> QueryResult<Vec<SpecRow>> {
    statistics_specs::table
        .filter(statistics_specs::service_id.eq(service).and(statistics_specs::code.eq(code)))
        .order(statistics_specs::version.desc())
        .select(SpecRow::as_select())
        .load(conn)
}

/// The children with a case that was open on at least one day of a period.
#[diesel::dsl::auto_type]
fn children_in(service: Id, from: NaiveDate, to: NaiveDate) -> _ {
    let child: Subject = Subject::Child;
    cases::table
        .filter(cases::service_id.eq(service).and(cases::subject.eq(child)))
        .filter(cases::opened_on.le(to))
        .filter(cases::closed_on.is_null().or(cases::closed_on.ge(from)))
}

/// The number of children with a case that was open on at least one day of a period.
pub(super) fn children(conn: &mut AnyConn, service: Id, period: (NaiveDate, NaiveDate)) -> QueryResult<i64> {
    children_in(service, period.0, period.1).select(count(cases::child_id).aggregate_distinct()).get_result(conn)
}

/// [`children`] of the period with the most of two.
pub(super) fn most_children(
    conn: &mut AnyConn,
    service: Id,
    (one, other): ((NaiveDate, NaiveDate), (NaiveDate, NaiveDate)),
) -> QueryResult<i64> {
    let (one, other) = together!(
        conn,
        children_in(service, one.0, one.1).select(count(cases::child_id).aggregate_distinct()) => i64,
        children_in(service, other.0, other.1).select(count(cases::child_id).aggregate_distinct()) => i64,
    )?;
    Ok(one.into_iter().chain(other).max().unwrap_or_default())
}

/// The kits of a service, by title.
pub(super) fn kits(conn: &mut AnyConn, service: Id) -> QueryResult<Vec<(Id, String, Option<String>)>> {
    kits::table
        .filter(kits::service_id.eq(service))
        .order((kits::title_key, kits::id))
        .select((kits::id, kits::title_fr, kits::title_en))
        .load(conn)
}
