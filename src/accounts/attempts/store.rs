//! The SQL of sign-in attempts.

use diesel::prelude::*;

use crate::db::schema::sign_in_attempts;
use crate::db::{AnyConn, Expiring, UtcTs};

/// Increments the counter of a subject, which restarts at 1 once its window has ended. Returns the number of attempts
/// and the start of the window.
pub(super) fn count(conn: &mut AnyConn, subject: &[u8], now: UtcTs, window_start: UtcTs) -> QueryResult<(i32, UtcTs)> {
    let ended = sign_in_attempts::subject.eq(subject).and(sign_in_attempts::since.le(window_start));
    diesel::delete(sign_in_attempts::table.filter(ended)).execute(conn)?;
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

/// Decrements the counter of a subject.
pub(super) fn decrement(conn: &mut AnyConn, subject: &[u8]) -> QueryResult<()> {
    let counted = sign_in_attempts::subject.eq(subject).and(sign_in_attempts::attempts.gt(0));
    diesel::update(sign_in_attempts::table.filter(counted))
        .set(sign_in_attempts::attempts.eq(sign_in_attempts::attempts - 1))
        .execute(conn)
        .map(drop)
}

/// Deletes the counter of a subject.
pub(super) fn delete(conn: &mut AnyConn, subject: &[u8]) -> QueryResult<()> {
    diesel::delete(sign_in_attempts::table.filter(sign_in_attempts::subject.eq(subject))).execute(conn).map(drop)
}

/// Deletes the oldest counters whose window began at or before an instant, at most `limit`.
pub(super) fn delete_before(conn: &mut AnyConn, instant: UtcTs, limit: usize) -> QueryResult<usize> {
    Expiring { table: "sign_in_attempts", column: "since", at_once: true }.delete(conn, instant, limit)
}
