//! The SQL of attendances.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::ReferentAttendance;
use crate::auth::ServiceScope;
use crate::db::schema::referent_attendances;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, from_row, ordered_page, write_together};
use crate::http::Versioned;
use crate::http::page::{PageInfo, PageRequest};
use crate::referents::model::AttendanceKind;
use crate::referents::store::{ReferentRow, next_version};

/// A row of `referent_attendances`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = referent_attendances, treat_none_as_default_value = false)]
pub struct AttendanceRow {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// The referent.
    pub referent_id: Id,
    /// Kind of attendance.
    pub kind: AttendanceKind,
    /// The day.
    pub held_on: NaiveDate,
    /// The collective action attended.
    pub action_id: Option<Id>,
    /// Who recorded it.
    pub author: String,
    /// When it was recorded.
    pub created_at: UtcTs,
}

impl Versioned for AttendanceRow {
    /// Always 1: an attendance cannot be corrected.
    fn version(&self) -> i32 {
        1
    }
}

from_row!(row: AttendanceRow => ReferentAttendance {
    id, service_id, referent_id, kind, held_on, action_id, author, created_at;
    version: row.version(),
    action_title: None,
    author_name: None,
});

/// Records an attendance, and gives the referent a new version. `false` if a concurrent change came first.
pub(super) fn insert(conn: &mut AnyConn, row: &AttendanceRow, of: &ReferentRow, now: UtcTs) -> QueryResult<bool> {
    let insert = diesel::insert_into(referent_attendances::table).values(row);
    Ok(write_together!(conn, insert, next_version!(of, now))? == 1)
}

/// An attendance in scope.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<AttendanceRow> {
    referent_attendances::table
        .filter(referent_attendances::id.eq(id).and(referent_attendances::service_id.among(scope.ids())))
        .select(AttendanceRow::as_select())
        .get_result(conn)
}

/// The attendance of a referent of this kind on this day: the unique key allows one.
pub(super) fn find_on_day(
    conn: &mut AnyConn,
    referent: Id,
    kind: AttendanceKind,
    held_on: NaiveDate,
) -> QueryResult<Option<Id>> {
    referent_attendances::table
        .filter(referent_attendances::referent_id.eq(referent))
        .filter(referent_attendances::kind.eq(kind).and(referent_attendances::held_on.eq(held_on)))
        .select(referent_attendances::id)
        .get_result(conn)
        .optional()
}

/// Deletes an attendance. Returns false if it no longer exists.
pub(super) fn delete(conn: &mut AnyConn, id: Id) -> QueryResult<bool> {
    let deleted = diesel::delete(referent_attendances::table.filter(referent_attendances::id.eq(id))).execute(conn)?;
    Ok(deleted == 1)
}

/// A page of the attendances of a referent, most recent first.
pub(super) fn list(
    conn: &mut AnyConn,
    referent: Id,
    page: &PageRequest,
) -> QueryResult<(Vec<AttendanceRow>, PageInfo)> {
    let of_referent =
        || referent_attendances::table.filter(referent_attendances::referent_id.eq(referent)).into_boxed();
    Ok(ordered_page!(conn, page, of_referent(), referent_attendances as AttendanceRow, desc held_on as NaiveDate))
}
