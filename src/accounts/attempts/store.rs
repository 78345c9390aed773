//! The SQL of sign-in attempts.

use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Bool, Integer, Nullable, Timestamp};

use crate::db::schema::{known_callers, sign_in_attempts};
use crate::db::{AnyConn, Expiring, UtcTs, each, prepared};

/// The counters of an attempt, in the order in which they count it.
#[derive(Debug)]
pub(super) struct Counting<'a> {
    /// The subjects, each with its limit.
    pub(super) limits: Vec<(&'a [u8], i32)>,
    /// What proves that the account knows the subscriber, and since when. Then the last counter, which is that of
    /// strangers, does not count the attempt.
    pub(super) known: Option<(&'a [u8], UtcTs)>,
    pub(super) now: UtcTs,
    /// A counter restarts at 1 if its window began at this instant or before.
    pub(super) window_start: UtcTs,
}

/// What was counted.
#[derive(Debug)]
pub(super) struct Counted {
    /// Whether the account knows the subscriber.
    pub(super) is_known: bool,
    /// The number of attempts and the start of the window of each counter that counted the attempt. The first that is over
    /// its limit is the last.
    pub(super) counters: Vec<(i32, UtcTs)>,
}

/// A row of the statement that counts on PostgreSQL.
#[derive(QueryableByName)]
struct CountedRow {
    #[diesel(sql_type = Bool)]
    is_known: bool,
    #[diesel(sql_type = Nullable<Integer>)]
    attempts: Option<i32>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    since: Option<UtcTs>,
}

/// Increments the counters one after the other, up to the first that is over its limit.
///
/// On PostgreSQL it is one statement, so that it needs no transaction around it. Each counter reads the one before it: they
/// are locked in their order.
pub(super) fn count(conn: &mut AnyConn, counting: &Counting<'_>) -> QueryResult<Counted> {
    match conn {
        AnyConn::Pg(pg) => {
            let subjects: Vec<&[u8]> = counting.limits.iter().map(|(subject, _)| *subject).collect();
            let limits: Vec<i32> = counting.limits.iter().map(|(_, limit)| *limit).collect();
            let counted = diesel::sql_query(counting_on_postgres(limits.len()))
                .bind::<Array<Binary>, _>(subjects)
                .bind::<Array<Integer>, _>(limits)
                .bind::<Timestamp, _>(counting.now)
                .bind::<Timestamp, _>(counting.window_start)
                .bind::<Nullable<Binary>, _>(counting.known.map(|(subject, _)| subject))
                .bind::<Nullable<Timestamp>, _>(counting.known.map(|(_, since)| since));
            let rows: Vec<CountedRow> = prepared(counted).load(pg)?;
            let is_known = rows.first().is_some_and(|row| row.is_known);
            let counters = rows.into_iter().filter_map(|row| Some((row.attempts?, row.since?))).collect();
            Ok(Counted { is_known, counters })
        }
        AnyConn::Sqlite(sqlite) => {
            let is_known = match counting.known {
                Some((subject, since)) => {
                    let known = known_callers::subject.eq(subject).and(known_callers::seen_at.gt(since));
                    diesel::select(diesel::dsl::exists(known_callers::table.filter(known))).get_result(sqlite)?
                }
                None => false,
            };
            let mut counters = Vec::new();
            let counting_now = counting.limits.len() - usize::from(is_known);
            for (subject, limit) in counting.limits.iter().take(counting_now) {
                let counted = count_one(sqlite, subject, counting)?;
                counters.push(counted);
                if counted.0 > *limit {
                    break;
                }
            }
            Ok(Counted { is_known, counters })
        }
    }
}

fn count_one(sqlite: &mut SqliteConnection, subject: &[u8], counting: &Counting<'_>) -> QueryResult<(i32, UtcTs)> {
    let ended = || sign_in_attempts::since.le(counting.window_start);
    diesel::insert_into(sign_in_attempts::table)
        .values((
            sign_in_attempts::subject.eq(subject),
            sign_in_attempts::attempts.eq(1),
            sign_in_attempts::since.eq(counting.now),
        ))
        .on_conflict(sign_in_attempts::subject)
        .do_update()
        .set((
            sign_in_attempts::attempts
                .eq(case_when(ended(), 1.into_sql::<Integer>()).otherwise(sign_in_attempts::attempts + 1)),
            sign_in_attempts::since
                .eq(case_when(ended(), counting.now.into_sql::<Timestamp>()).otherwise(sign_in_attempts::since)),
        ))
        .returning((sign_in_attempts::attempts, sign_in_attempts::since))
        .get_result(sqlite)
}

/// The statement that increments a number of counters: `$1` their subjects, `$2` their limits, `$3` the time, `$4` the end
/// of the windows that are over, `$5` and `$6` what is known and since when.
fn counting_on_postgres(counters: usize) -> String {
    let mut parts = vec![
        "known AS (SELECT EXISTS (SELECT 1 FROM known_callers WHERE subject = $5 AND seen_at > $6) AS is_known)"
            .to_owned(),
    ];
    let mut counted = Vec::new();
    for at in 1..=counters {
        let (from, within) = match at {
            1 => (String::new(), String::new()),
            _ => (format!(", counter{}", at - 1), format!(" AND counter{0}.attempts <= ($2)[{0}]", at - 1)),
        };
        let asked = if at == counters { "NOT is_known" } else { "TRUE" };
        parts.push(format!(
            "counter{at} AS (INSERT INTO sign_in_attempts AS one (subject, attempts, since) \
             SELECT ($1)[{at}], 1, $3 FROM known{from} WHERE {asked}{within} ON CONFLICT (subject) DO UPDATE SET \
             attempts = CASE WHEN one.since <= $4 THEN 1 ELSE one.attempts + 1 END, \
             since = CASE WHEN one.since <= $4 THEN excluded.since ELSE one.since END \
             RETURNING one.attempts, one.since)"
        ));
        counted.push(format!("SELECT {at} AS rank, attempts, since FROM counter{at}"));
    }
    format!(
        "WITH {} SELECT is_known, attempts, since FROM known LEFT JOIN ({}) AS counted ON TRUE ORDER BY rank",
        parts.join(", "),
        counted.join(" UNION ALL ")
    )
}

/// Decrements the counter of a subject.
fn decrement(conn: &mut AnyConn, subject: &[u8]) -> QueryResult<()> {
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
        let uncount = diesel::sql_query(
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
        .bind::<Timestamp, _>(now);
        return uncount.execute(pg).map(drop);
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

/// Deletes the oldest counters whose window began at or before an instant, at most `limit`.
pub(super) fn delete_before(conn: &mut AnyConn, instant: UtcTs, limit: usize) -> QueryResult<usize> {
    Expiring { table: "sign_in_attempts", column: "since", at_once: true }.delete(conn, instant, limit)
}

/// Deletes the subscribers from which nobody signed in after an instant, at most `limit`.
pub(super) fn forget_before(conn: &mut AnyConn, instant: UtcTs, limit: usize) -> QueryResult<usize> {
    Expiring { table: "known_callers", column: "seen_at", at_once: true }.delete(conn, instant, limit)
}
