//! The SQL of sign-in attempts.

use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Timestamp};

use crate::db::schema::sign_in_attempts;
use crate::db::{AnyConn, UtcTs, write_together};

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

/// Decrements the counters of some subjects, and deletes that of another.
pub(super) fn uncount(conn: &mut AnyConn, subjects: &[&[u8]], cleared: Option<&[u8]>) -> QueryResult<()> {
    let counted = sign_in_attempts::subject.eq_any(subjects.to_vec()).and(sign_in_attempts::attempts.gt(0));
    let counted = sign_in_attempts::table.filter(counted);
    let fewer = sign_in_attempts::attempts.eq(sign_in_attempts::attempts - 1);
    let Some(cleared) = cleared else { return diesel::update(counted).set(fewer).execute(conn).map(drop) };
    write_together!(
        conn,
        diesel::delete(sign_in_attempts::table.filter(sign_in_attempts::subject.eq(cleared))),
        diesel::update(counted).set(fewer),
    )
    .map(drop)
}

/// Deletes the counters whose window began at or before an instant.
pub(super) fn delete_before(conn: &mut AnyConn, instant: UtcTs) -> QueryResult<()> {
    diesel::delete(sign_in_attempts::table.filter(sign_in_attempts::since.le(instant))).execute(conn).map(drop)
}
