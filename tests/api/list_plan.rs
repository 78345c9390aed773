//! A list over several services reads one range of an index per service, merges them and stops at its limit: it does not
//! sort all rows of these services.

use std::time::Duration;

use diesel::deserialize;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::row::NamedRow;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use passerelle::auth::{Permission, Role};
use passerelle::db::{AnyConn, DbOptions, Id};

use crate::cases::{child, refer};
use crate::harness::database::texts;
use crate::harness::{Engine, TestApp, logs, options};

/// Referrals of each service: more than a page, so that sorting them would be visible in the plan.
const ROWS: usize = 3000;

/// Copies a referral, each copy received on another day.
fn copy_referrals(app: &TestApp, service: Id) {
    let database = &app.database;
    let (numbers, id, day) = match database.engine() {
        Engine::Sqlite => (
            format!("WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ROWS})"),
            "substr(id, 1, 24) || printf('%012d', n)",
            "date(received_on, '-' || n || ' days')",
        ),
        Engine::Postgres => (
            format!("WITH numbers (n) AS (SELECT generate_series(1, {ROWS}))"),
            "substr(id, 1, 24) || lpad(n::text, 12, '0')",
            "received_on - n",
        ),
    };
    let columns = "service_id, status, subject, origin, channel, urgency, household_id, child_id, commune_code, \
                   concerns_school_time, author, version, created_at, updated_at";
    database
        .execute(&format!(
            "{numbers} INSERT INTO referrals (id, received_on, {columns}) \
             SELECT {id}, {day}, {columns} FROM referrals, numbers WHERE service_id = '{service}'"
        ))
        .unwrap();
    database.execute("ANALYZE").unwrap();
}

/// The plan of a statement whose values are these services and a limit, one line per node.
fn plan(app: &TestApp, statement: &str, services: &[Id; 2]) -> Vec<String> {
    match app.database.connect() {
        AnyConn::Pg(mut conn) => {
            diesel::sql_query(format!("PREPARE page (text, bigint, text, bigint, bigint) AS {statement}"))
                .execute(&mut conn)
                .unwrap();
            let explain = format!("EXPLAIN EXECUTE page ('{}', 51, '{}', 51, 51)", services[0], services[1]);
            let lines: Vec<PlanLine> = diesel::sql_query(explain).load(&mut conn).unwrap();
            lines.into_iter().map(|line| line.0).collect()
        }
        AnyConn::Sqlite(mut conn) => {
            let mut statement = statement.to_owned();
            for value in [format!("'{}'", services[0]), format!("'{}'", services[1]), "51".into()] {
                statement = statement.replacen('?', &value, 1);
            }
            let explain = format!("EXPLAIN QUERY PLAN {statement}");
            let lines: Vec<PlanLine> = diesel::sql_query(explain).load(&mut conn).unwrap();
            lines.into_iter().map(|line| line.0).collect()
        }
    }
}

/// A line of a plan, under the name that the engine gives its column.
struct PlanLine(String);

impl QueryableByName<Pg> for PlanLine {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        NamedRow::get::<Text, _>(row, "QUERY PLAN").map(Self)
    }
}

impl QueryableByName<Sqlite> for PlanLine {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        NamedRow::get::<Text, _>(row, "detail").map(Self)
    }
}

on_both_databases! {
    async fn a_list_over_two_services_reads_their_indexes_and_sorts_nothing(app: TestApp) {
        let services = [app.service().await, app.service().await];
        for service in services {
            let manager = app.user(service, Role::Manager).await;
            refer(&manager, service, "2026-03-02", child("Exemple")).await;
            copy_referrals(&app, service);
        }
        // Every statement of this instance is logged.
        let watched = app.second_instance_with(DbOptions { slow_after: Duration::ZERO, ..options() }).await;
        let client = app.client_of(&services, &[Permission::ReferralsRead]).await.at(&watched);
        for (sort, index) in [("-received_on", "referrals_list"), ("updated_at", "referrals_updated")] {
            let mut read = Vec::new();
            let mut path = format!("/v1/referrals?sort={sort}&limit=50");
            for _ in 0..2 {
                let page = client.get(&path).await.expect(200);
                let key = sort.trim_start_matches('-');
                read.extend(page.rows().iter().map(|row| row[key].as_str().unwrap().to_owned()));
                page.header("link").trim_start_matches('<').split('>').next().unwrap().clone_into(&mut path);
            }
            // Both services take turns, and the pages follow each other.
            let descending = sort.starts_with('-');
            assert!(read.is_sorted_by(|a, b| if descending { a >= b } else { a <= b }), "{read:?}");
            assert_eq!(read.len(), 100);
            let column = sort.trim_start_matches('-');
            let quote = if app.database.engine() == Engine::Sqlite { '`' } else { '"' };
            let lines = logs::lines_with(&format!("ORDER BY {quote}{column}{quote} "));
            let mut statements = lines.iter().filter_map(|line| line.split_once("slow_query ").map(|(_, text)| text));
            let statement = statements
                .find(|text| text.trim_start_matches('(').starts_with("SELECT") && text.contains(" UNION ALL ") && text.contains("referrals"))
                .expect("the statement of the list");
            let statement = statement.split(" ms=").next().unwrap();
            let plan = plan(&app, statement, &services).join("\n");
            assert_eq!(plan.matches(index).count(), 2, "{plan}");
            match app.database.engine() {
                Engine::Postgres => {
                    let merged = plan.contains("Merge Append") && plan.matches("Index Scan").count() == 2;
                    assert!(merged && !plan.contains("Sort  (") && !plan.contains("Seq Scan"), "{plan}");
                }
                Engine::Sqlite => {
                    assert!(plan.contains("MERGE (UNION ALL)") && !plan.contains("TEMP B-TREE"), "{plan}");
                }
            }
        }
    }
}

#[test]
fn a_stored_reply_is_looked_up_after_its_lock_is_taken() {
    crate::harness::run(Engine::Postgres, async |app: TestApp| {
        let mut first = app.database.connect();
        let run = |conn: &mut AnyConn, sql: &str| diesel::sql_query(sql).execute(conn).unwrap();
        run(&mut first, "BEGIN");
        run(&mut first, "SELECT pg_advisory_xact_lock(7)");
        run(
            &mut first,
            "INSERT INTO stored_replies (principal, key_mac, fingerprint, reply, owners, created_at) \
             VALUES ('user:1', '\\x01', '\\x02', '\\x03', 'seen', now())",
        );
        // While the first call runs, a second one is told so at once.
        let taken = "SELECT taken::text AS text FROM passerelle_stored_reply('user:1', '\\x01', 7, NULL, NULL)";
        assert_eq!(texts(&mut app.database.connect(), taken), ["false"]);
        // A statement whose snapshot is older than the commit of the first call, and which takes the lock after it.
        let late = "SELECT concat_ws(' ', stored.taken, stored.owners, (SELECT count(*) FROM stored_replies)) AS text \
                    FROM (SELECT 7 AS lock FROM pg_sleep(1) OFFSET 0) AS waited, \
                    LATERAL passerelle_stored_reply('user:1', '\\x01', waited.lock, NULL, NULL) AS stored";
        let mut second = app.database.connect();
        let waiting = std::thread::spawn(move || texts(&mut second, late));
        std::thread::sleep(Duration::from_millis(300));
        run(&mut first, "COMMIT");
        // The snapshot of the statement has no reply; the look-up after the lock has it.
        assert_eq!(waiting.join().unwrap(), ["t seen 0"]);
    });
}

#[test]
fn the_lock_of_an_object_is_taken_with_the_look_up_unless_a_reply_is_stored() {
    crate::harness::run(Engine::Postgres, async |app: TestApp| {
        let run = |conn: &mut AnyConn, sql: &str| diesel::sql_query(sql).execute(conn).unwrap();
        let look_up = |key: &str| {
            format!("SELECT taken::text AS text FROM passerelle_stored_reply('user:1', '{key}', 7, 5, 'the kit')")
        };
        let is_free = "SELECT pg_try_advisory_xact_lock(5, hashtext('the kit'))::text AS text";
        let (mut first, mut second) = (app.database.connect(), app.database.connect());
        run(
            &mut first,
            "INSERT INTO stored_replies (principal, key_mac, fingerprint, reply, owners, created_at) \
             VALUES ('user:1', '\\x01', '\\x02', '\\x03', 'seen', now())",
        );
        for (key, free) in [("\\x01", "true"), ("\\x02", "false")] {
            run(&mut first, "BEGIN");
            assert_eq!(texts(&mut first, &look_up(key)), ["true"]);
            assert_eq!(texts(&mut second, is_free), [free], "{key}");
            run(&mut first, "COMMIT");
        }
        assert_eq!(texts(&mut second, is_free), ["true"], "the end of the transaction releases it");
    });
}
