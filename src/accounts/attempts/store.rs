//! The SQL of counting attempts.

use diesel::prelude::*;

use crate::db::schema::sign_in_attempts;
use crate::db::{AnyConn, UtcTs};

/// Adds one to the count of a subject, which begins anew when its window is over: the attempts, and since when.
pub(super) fn count(conn: &mut AnyConn, subject: &[u8], now: UtcTs, window_start: UtcTs) -> QueryResult<(i32, UtcTs)> {
    let over = sign_in_attempts::subject.eq(subject).and(sign_in_attempts::since.le(window_start));
    diesel::delete(sign_in_attempts::table.filter(over)).execute(conn)?;
    let first =
        (sign_in_attempts::subject.eq(subject), sign_in_attempts::attempts.eq(1), sign_in_attempts::since.eq(now));
    crate::db::each!(conn, c => diesel::insert_into(sign_in_attempts::table)
        .values(first)
        .on_conflict(sign_in_attempts::subject)
        .do_update()
        .set(sign_in_attempts::attempts.eq(sign_in_attempts::attempts + 1))
        .execute(c))?;
    sign_in_attempts::table
        .filter(sign_in_attempts::subject.eq(subject))
        .select((sign_in_attempts::attempts, sign_in_attempts::since))
        .first(conn)
}

/// Takes one off the count of a subject.
pub(super) fn give_back(conn: &mut AnyConn, subject: &[u8]) -> QueryResult<()> {
    let counted = sign_in_attempts::subject.eq(subject).and(sign_in_attempts::attempts.gt(0));
    diesel::update(sign_in_attempts::table.filter(counted))
        .set(sign_in_attempts::attempts.eq(sign_in_attempts::attempts - 1))
        .execute(conn)
        .map(drop)
}

/// Forgets a subject.
pub(super) fn forget(conn: &mut AnyConn, subject: &[u8]) -> QueryResult<()> {
    diesel::delete(sign_in_attempts::table.filter(sign_in_attempts::subject.eq(subject))).execute(conn).map(drop)
}

/// Forgets every subject whose window began before an instant.
pub(super) fn forget_before(conn: &mut AnyConn, instant: UtcTs) -> QueryResult<()> {
    diesel::delete(sign_in_attempts::table.filter(sign_in_attempts::since.le(instant))).execute(conn).map(drop)
}
