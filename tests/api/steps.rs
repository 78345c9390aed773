//! Background jobs work in steps: each takes the oldest rows that wait from their index, a bounded number of them, and
//! neither requests nor the other jobs wait for a backlog.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::prelude::*;
use diesel::sql_types::Text;
use passerelle::auth::{PrincipalId, Role};
use passerelle::clock::Clock;
use passerelle::db::{AnyConn, Id};
use passerelle::jobs::{self, Job};
use passerelle::work::Work;
use passerelle::{accounts, journal, outbox, replays, steps};

use crate::harness::process::PATIENCE;
use crate::harness::{Engine, START, TestApp, context};

/// The numbers from 1 to `count` as `n`, for an INSERT.
fn numbers(count: usize) -> String {
    format!("WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count})")
}

/// An identifier for each `n`; `kind` tells the rows of one insertion from those of another.
fn id(kind: u32) -> String {
    format!("'01970000-0000-7000-800{kind}-' || CAST(100000000000 + n AS TEXT)")
}

/// A backlog of changes without a position, behind changes that have one.
fn fill_changes(app: &TestApp, service: Id, numbered: usize, waiting: usize) {
    let into = "INSERT INTO changes (id, service_id, resource, object_id, kind, happened_at, position)";
    for (kind, count, position) in
        [(1, numbered, "n"), (2, waiting, "NULL")].into_iter().filter(|(_, count, _)| *count > 0)
    {
        let (series, id) = (numbers(count), id(kind));
        let row = format!(
            "SELECT {id}, '{service}', 'organisation', {id}, 'updated', '2026-03-01 08:00:00', CAST({position} AS BIGINT) FROM s"
        );
        app.database.execute(&format!("{into} {series} {row}")).unwrap();
    }
}

/// Events without a link, behind events that have one.
fn fill_events(app: &TestApp, chained: usize, waiting: usize) {
    let into = "INSERT INTO audit_events (id, chain, principal, operation, request_id, outcome, changed, opened, happened_at, position, link)";
    let link = match app.database.engine() {
        Engine::Sqlite => "x'00'",
        Engine::Postgres => "'\\x00'::bytea",
    };
    for (kind, count, position, link) in [(3, chained, "n", link), (4, waiting, "NULL", "NULL")] {
        let (series, id) = (numbers(count), id(kind));
        let row = format!(
            "SELECT {id}, 'deployment', 'local', 'GET /', 'r', 'done', '', '', '2026-03-01 08:00:00', CAST({position} AS BIGINT), CAST({link} AS BYTEA) FROM s"
        );
        app.database.execute(&format!("{into} {series} {row}")).unwrap();
    }
}

/// Stored replies of this age, in days before the start of the tests.
fn fill_replies(app: &TestApp, kind: u32, count: usize, stored_at: &str) {
    let bytes = |text: &str| match app.database.engine() {
        Engine::Sqlite => format!("CAST({text} AS BLOB)"),
        Engine::Postgres => format!("convert_to({text}, 'UTF8')"),
    };
    let (series, key) = (numbers(count), bytes(&id(kind)));
    let row = format!("SELECT 'local', {key}, {}, {}, '', '{stored_at}' FROM s", bytes("'f'"), bytes("'r'"));
    let into = "INSERT INTO stored_replies (principal, key_mac, fingerprint, reply, owners, created_at)";
    app.database.execute(&format!("{into} {series} {row}")).unwrap();
}

/// The statements that a connection runs.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl Instrumentation for Statements {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let statement = text.split("-- binds:").next().unwrap_or_default().trim().to_owned();
            self.0.lock().unwrap().push(statement);
        }
    }
}

#[derive(QueryableByName)]
struct SqliteStep {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct PostgresStep {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// The plan of a statement, whatever its values are.
fn plan(conn: &mut AnyConn, statement: &str) -> Vec<String> {
    match conn {
        AnyConn::Sqlite(conn) => {
            let steps: Vec<SqliteStep> =
                diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(conn).unwrap();
            steps.into_iter().map(|step| step.detail).collect()
        }
        AnyConn::Pg(conn) => {
            let explain = format!("EXPLAIN {statement}");
            let explain = if statement.contains("$1") { explain_prepared(conn, statement) } else { explain };
            let steps: Vec<PostgresStep> = diesel::sql_query(explain).load(conn).unwrap();
            steps.into_iter().map(|step| step.line).collect()
        }
    }
}

/// Prepares a statement with parameters, and returns the statement that explains its generic plan.
fn explain_prepared(conn: &mut PgConnection, statement: &str) -> String {
    use diesel::connection::SimpleConnection;
    conn.batch_execute("DEALLOCATE ALL; SET plan_cache_mode = force_generic_plan").unwrap();
    conn.batch_execute(&format!("PREPARE explained AS {statement}")).unwrap();
    let count = (1..20).take_while(|n| statement.contains(&format!("${n}"))).count();
    format!("EXPLAIN EXECUTE explained({})", vec!["NULL"; count].join(", "))
}

/// A step of a job, the table that it empties and the index that it must read.
type Case = (&'static str, &'static str, fn(&mut Work<'_>));

const CASES: [Case; 7] = [
    ("changes", "changes_waiting", |work| {
        outbox::number(work.conn).unwrap();
    }),
    ("audit_events", "audit_events_waiting", |work| {
        let key = work.vault.journal_key().clone();
        journal::chain_oldest(work.conn, &key).unwrap();
    }),
    ("stored_replies", "stored_replies_age", |work| {
        replays::delete_expired(work).unwrap();
    }),
    ("refresh_tokens", "refresh_tokens_ended", |work| {
        accounts::tokens::ops::sweep(work).unwrap();
    }),
    ("password_resets", "password_resets_expired", |work| {
        accounts::tokens::ops::sweep(work).unwrap();
    }),
    ("revocations", "revocations_ended", |work| {
        accounts::tokens::ops::sweep(work).unwrap();
    }),
    ("sign_in_attempts", "sign_in_attempts_since", |work| {
        accounts::tokens::ops::sweep(work).unwrap();
    }),
];

/// Runs each step on a connection of its own and checks the plans of what it runs on its table.
fn check_plans(app: &TestApp) {
    let context = app.context();
    for (table, index, step) in CASES {
        let mut conn = app.database.connect();
        if let AnyConn::Pg(conn) = &mut conn {
            use diesel::connection::SimpleConnection;
            // A table of some pages is read whole, rightly: what counts is which index is there to be read.
            conn.batch_execute("SET enable_seqscan = off; SET enable_bitmapscan = off").unwrap();
        }
        let statements = Statements::default();
        conn.set_instrumentation(statements.clone());
        step(&mut Work::new(&mut conn, &context.vault, context.now(), PrincipalId::Local));
        let ran = statements.0.lock().unwrap().clone();
        let of_table =
            ran.iter().filter(|sql| sql.contains(table) && (sql.contains("IS NULL") || sql.contains("LIMIT")));
        let mut plans = Vec::new();
        for statement in of_table {
            let plan = plan(&mut conn, statement);
            let reads_all = |line: &String| line.starts_with(&format!("SCAN {table}")) && !line.contains(index);
            assert!(!plan.iter().any(reads_all), "{table}: {statement}\n{plan:#?}");
            plans.extend(plan);
        }
        assert!(
            plans.iter().any(|line| line.contains(index)),
            "{table}: no statement reads {index}: {ran:#?}\n{plans:#?}"
        );
    }
}

on_both_databases! {
    async fn a_step_reads_the_index_of_the_rows_that_wait(app: TestApp) {
        let service = app.service().await;
        fill_changes(&app, service, 5000, 3000);
        fill_events(&app, 5000, 3000);
        fill_replies(&app, 5, 2000, "2026-03-02 08:00:00");
        fill_replies(&app, 6, 2000, "2026-02-01 08:00:00");
        // Without statistics, as after a large import; then with them.
        check_plans(&app);
        app.database.execute("ANALYZE").unwrap();
        check_plans(&app);
    }

    async fn a_reader_of_the_feed_does_not_number_a_backlog(app: TestApp) {
        let service = app.service().await;
        let reader = app.user(service, Role::Coordinator).await;
        fill_changes(&app, service, 0, 4000);
        let waiting = |app: &TestApp| -> usize {
            app.database.texts("SELECT CAST(count(*) AS TEXT) AS text FROM changes WHERE position IS NULL")[0].parse().unwrap()
        };
        let before = waiting(&app);
        let step = steps::rows(&app.database.connect());
        reader.get("/v1/changes?limit=10").await.expect(200);
        assert_eq!(before - waiting(&app), step);
        // The job numbers the rest, and the feed then has all, each once, oldest first.
        let db = app.context().db.clone();
        let steps_taken = std::thread::spawn(move || {
            let mut steps_taken = 1;
            while outbox::publish_step(&db).unwrap() {
                steps_taken += 1;
            }
            steps_taken
        }).join().unwrap();
        assert_eq!((waiting(&app), steps_taken), (0, (before - step).div_ceil(step)));
        let order = "SELECT id AS text FROM changes WHERE service_id IS NOT NULL ORDER BY";
        let (by_position, by_age) =
            (app.database.texts(&format!("{order} position")), app.database.texts(&format!("{order} happened_at, id")));
        assert_eq!(by_position, by_age);
        let last = app.database.texts("SELECT CAST(max(position) AS TEXT) AS text FROM changes");
        assert_eq!(last[0].parse(), Ok(by_age.len()));
    }

    async fn expired_rows_are_deleted_a_bounded_number_at_a_time(app: TestApp) {
        let step = steps::rows(&app.database.connect());
        fill_replies(&app, 5, 7, "2026-03-02 08:00:00");
        fill_replies(&app, 6, step + 3, "2026-02-01 08:00:00");
        assert_eq!(app.local(replays::delete_expired).await, step);
        assert_eq!(app.database.count("stored_replies"), 10);
        assert_eq!(app.local(replays::delete_expired).await, 3);
        assert_eq!(app.local(replays::delete_expired).await, 0);
        assert_eq!(app.database.count("stored_replies"), 7);
    }
}

for_both_engines! {
    fn a_backlog_of_one_job_leaves_room_for_the_others(engine: Engine) {
        let database = crate::harness::Database::from_template(engine);
        let context = Arc::new(context(&database, Clock::manual(START.parse().unwrap())));
        let (took, steps) = std::sync::mpsc::channel();
        let (ran, others) = std::sync::mpsc::channel();
        let mut left = 50;
        let running = jobs::start(Arc::clone(&context), vec![
            Job::in_steps("has a backlog", Duration::from_hours(1), move |_| {
                std::thread::sleep(Duration::from_millis(4));
                let _ = took.send(std::time::Instant::now());
                left -= 1;
                Ok(left > 0)
            }),
            Job::new("is short", Duration::from_millis(10), move |_| {
                let _ = ran.send(());
                Ok(())
            }),
        ]);
        let running = running.unwrap();
        let times: Vec<_> = (0..50).map(|_| steps.recv_timeout(PATIENCE).expect("the next step")).collect();
        // The pause after a step is as long as the step: half of the time is left to others.
        let each = (times[49] - times[0]) / 49;
        assert!(each >= Duration::from_millis(8), "{each:?}");
        assert!(others.try_iter().count() >= 10, "the short job waited for the backlog");
        assert!(steps.recv_timeout(Duration::from_millis(50)).is_err(), "no step is run without work");
        // A stop does not wait for a backlog.
        drop(running);
    }
}
