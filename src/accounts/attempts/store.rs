//! The SQL of sign-in attempts.

use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Integer, Nullable, Timestamp};

use crate::db::schema::{known_callers, sign_in_attempts};
use crate::db::{AnyConn, Expiring, UtcTs, each};

/// Increments the counters of some subjects. A counter restarts at 1 once its window has ended. Returns the number of
/// attempts and the start of the window of each, in the order of the subjects.
pub(super) fn count(
    conn: &mut AnyConn,
    subjects: &[&[u8]],
    now: UtcTs,
    window_start: UtcTs,
) -> QueryResult<Vec<(i32, UtcTs)>> {
    let first = |subject: &&[u8]| {
        (
            sign_in_attempts::subject.eq(subject.to_vec()),
            sign_in_attempts::attempts.eq(1),
            sign_in_attempts::since.eq(now),
        )
    };
    macro_rules! counted {
        ($values:expr, $load:ident, $c:expr) => {{
            let ended = || sign_in_attempts::since.le(window_start);
            diesel::insert_into(sign_in_attempts::table)
                .values($values)
                .on_conflict(sign_in_attempts::subject)
                .do_update()
                .set((
                    sign_in_attempts::attempts
                        .eq(case_when(ended(), 1.into_sql::<Integer>()).otherwise(sign_in_attempts::attempts + 1)),
                    sign_in_attempts::since
                        .eq(case_when(ended(), now.into_sql::<Timestamp>()).otherwise(sign_in_attempts::since)),
                ))
                .returning((sign_in_attempts::attempts, sign_in_attempts::since))
                .$load($c)
        }};
    }
    match conn {
        AnyConn::Pg(pg) => counted!(subjects.iter().map(first).collect::<Vec<_>>(), get_results, pg),
        AnyConn::Sqlite(sqlite) => {
            subjects.iter().map(|subject| counted!(first(subject), get_result, sqlite)).collect()
        }
    }
}

/// Decrements the counter of a subject.
pub(super) fn decrement(conn: &mut AnyConn, subject: &[u8]) -> QueryResult<()> {
    let counted = sign_in_attempts::subject.eq(subject).and(sign_in_attempts::attempts.gt(0));
    diesel::update(sign_in_attempts::table.filter(counted))
        .set(sign_in_attempts::attempts.eq(sign_in_attempts::attempts - 1))
        .execute(conn)
        .map(drop)
}

/// Deletes the counters of some subjects and decrements those of others, and records that an account signed in from
/// `known`, if there is one.
///
/// On PostgreSQL it is one statement, which locks the rows in the order in which [`count`] does: two attempts cannot
/// deadlock.
pub(super) fn uncount(
    conn: &mut AnyConn,
    ended: &[&[u8]],
    others: &[&[u8]],
    known: Option<&[u8]>,
    now: UtcTs,
) -> QueryResult<()> {
    if let AnyConn::Pg(pg) = conn {
        // The counter of codes comes last: it is always counted alone.
        let order: Vec<&[u8]> = ended.iter().take(1).chain(others).chain(ended.iter().skip(1)).copied().collect();
        return diesel::sql_query(
            "WITH locked AS MATERIALIZED (SELECT subject FROM sign_in_attempts WHERE subject = ANY ($1) \
             ORDER BY array_position($1, subject) FOR UPDATE), \
             remembered AS (INSERT INTO known_callers (subject, seen_at) SELECT $3, $4 WHERE $3 IS NOT NULL \
             ON CONFLICT (subject) DO UPDATE SET seen_at = excluded.seen_at), \
             ended AS (DELETE FROM sign_in_attempts AS one USING locked \
             WHERE one.subject = locked.subject AND locked.subject = ANY ($2)) \
             UPDATE sign_in_attempts AS one SET attempts = one.attempts - 1 FROM locked \
             WHERE one.subject = locked.subject AND locked.subject <> ALL ($2) AND one.attempts > 0",
        )
        .bind::<Array<Binary>, _>(order)
        .bind::<Array<Binary>, _>(ended)
        .bind::<Nullable<Binary>, _>(known)
        .bind::<Timestamp, _>(now)
        .execute(pg)
        .map(drop);
    }
    for subject in ended {
        diesel::delete(sign_in_attempts::table.filter(sign_in_attempts::subject.eq(subject))).execute(conn)?;
    }
    others.iter().try_for_each(|subject| decrement(conn, subject))?;
    let Some(known) = known else { return Ok(()) };
    each!(conn, c => diesel::insert_into(known_callers::table)
        .values((known_callers::subject.eq(known), known_callers::seen_at.eq(now)))
        .on_conflict(known_callers::subject)
        .do_update()
        .set(known_callers::seen_at.eq(now))
        .execute(c))
    .map(drop)
}

/// Whether an account knows a subscriber, since an instant.
pub(super) fn is_known(conn: &mut AnyConn, subject: &[u8], since: UtcTs) -> QueryResult<bool> {
    let known = known_callers::subject.eq(subject).and(known_callers::seen_at.gt(since));
    diesel::select(diesel::dsl::exists(known_callers::table.filter(known))).get_result(conn)
}

/// Deletes the oldest counters whose window began at or before an instant, at most `limit`.
pub(super) fn delete_before(conn: &mut AnyConn, instant: UtcTs, limit: usize) -> QueryResult<usize> {
    Expiring { table: "sign_in_attempts", column: "since", at_once: true }.delete(conn, instant, limit)
}

/// Deletes the subscribers from which nobody signed in after an instant, at most `limit`.
pub(super) fn forget_before(conn: &mut AnyConn, instant: UtcTs, limit: usize) -> QueryResult<usize> {
    Expiring { table: "known_callers", column: "seen_at", at_once: true }.delete(conn, instant, limit)
}
