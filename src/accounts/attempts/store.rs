//! The SQL of sign-in attempts.

use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Integer, Timestamp};

use crate::db::schema::sign_in_attempts;
use crate::db::{AnyConn, Expiring, UtcTs};

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

/// Deletes the counter of the first subject and decrements those of the two others.
///
/// On PostgreSQL it is one statement, which locks the rows in the order in which [`count`] does: two attempts cannot
/// deadlock.
pub(super) fn uncount(conn: &mut AnyConn, [first, second, third]: [&[u8]; 3]) -> QueryResult<()> {
    if let AnyConn::Pg(pg) = conn {
        return diesel::sql_query(
            "WITH locked AS MATERIALIZED (SELECT subject FROM sign_in_attempts WHERE subject IN ($1, $2, $3) \
             ORDER BY CASE subject WHEN $1 THEN 1 WHEN $2 THEN 2 ELSE 3 END FOR UPDATE), \
             cleared AS (DELETE FROM sign_in_attempts AS one USING locked \
             WHERE one.subject = locked.subject AND locked.subject = $1) \
             UPDATE sign_in_attempts AS one SET attempts = one.attempts - 1 FROM locked \
             WHERE one.subject = locked.subject AND locked.subject <> $1 AND one.attempts > 0",
        )
        .bind::<Binary, _>(first)
        .bind::<Binary, _>(second)
        .bind::<Binary, _>(third)
        .execute(pg)
        .map(drop);
    }
    diesel::delete(sign_in_attempts::table.filter(sign_in_attempts::subject.eq(first))).execute(conn)?;
    decrement(conn, second)?;
    decrement(conn, third)
}

/// Deletes the oldest counters whose window began at or before an instant, at most `limit`.
pub(super) fn delete_before(conn: &mut AnyConn, instant: UtcTs, limit: usize) -> QueryResult<usize> {
    Expiring { table: "sign_in_attempts", column: "since", at_once: true }.delete(conn, instant, limit)
}
