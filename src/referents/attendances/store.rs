//! The SQL of attendances.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::referent_attendances;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, keyset};
use crate::http::Versioned;
use crate::http::page::{PageInfo, PageRequest};
use crate::referents::model::AttendanceKind;

/// A row of `referent_attendances`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = referent_attendances, treat_none_as_default_value = false)]
pub struct AttendanceRow {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// Who came.
    pub referent_id: Id,
    /// What it was.
    pub kind: AttendanceKind,
    /// The day.
    pub held_on: NaiveDate,
    /// The collective action that it was.
    pub action_id: Option<Id>,
    /// Who recorded it.
    pub author: String,
    /// When it was recorded.
    pub created_at: UtcTs,
}

impl Versioned for AttendanceRow {
    /// An attendance is never corrected.
    fn version(&self) -> i32 {
        1
    }
}

pub(super) fn insert(conn: &mut AnyConn, row: &AttendanceRow) -> QueryResult<()> {
    diesel::insert_into(referent_attendances::table).values(row).execute(conn).map(drop)
}

/// An attendance of the scope.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<AttendanceRow> {
    referent_attendances::table
        .filter(referent_attendances::id.eq(id).and(referent_attendances::service_id.among(scope.ids())))
        .select(AttendanceRow::as_select())
        .get_result(conn)
}

/// The attendance of a referent that has this kind and this day.
pub(super) fn same(
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

/// Deletes an attendance; false when it is gone already.
pub(super) fn delete(conn: &mut AnyConn, id: Id) -> QueryResult<bool> {
    let gone = diesel::delete(referent_attendances::table.filter(referent_attendances::id.eq(id))).execute(conn)?;
    Ok(gone == 1)
}

/// A page of what a referent came to, the last first.
pub(super) fn list(
    conn: &mut AnyConn,
    referent: Id,
    page: &PageRequest,
) -> QueryResult<(Vec<AttendanceRow>, PageInfo)> {
    let theirs = || referent_attendances::table.filter(referent_attendances::referent_id.eq(referent)).into_boxed();
    let query = keyset!(theirs(), page, desc referent_attendances::held_on as NaiveDate, referent_attendances::id);
    let rows = query.limit(page.fetch()).select(AttendanceRow::as_select()).load(conn)?;
    let (rows, info) = page.cut(rows, |row: &AttendanceRow| (row.held_on, row.id));
    let info = page.counted(info, || theirs().count().get_result(conn))?;
    Ok((rows, info))
}
