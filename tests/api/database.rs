//! The database layer: one schema on two engines, concurrent starts, failed writes next to others, a full pool, a lost
//! server.

use std::collections::BTreeSet;
use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_query;
use futures_util::future::join_all;
use passerelle::auth::{PrincipalId, Role};
use passerelle::clock::Clock;
use passerelle::config::Storage;
use passerelle::db::{DatabaseUrl, Db, DbOptions, SystemScope, migrate, pending, revert_all};
use passerelle::error::{ApiError, Code};
use passerelle::http::Context;
use passerelle::opening;
use passerelle::privacy::{MasterKey, Vault};
use serde_json::json;

use crate::harness::{Database, Engine, MASTER_KEY, logs, options};

/// Every column as `table.column type [null]`, in the order of each table.
fn columns(database: &Database) -> Vec<String> {
    let sql = match database.engine() {
        Engine::Sqlite => {
            "SELECT m.name || '.' || c.name || ' ' || lower(c.type) || iif(c.\"notnull\", '', ' null') AS text \
             FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid"
        }
        Engine::Postgres => {
            "SELECT table_name || '.' || column_name || ' ' || replace(data_type, ' without time zone', '') \
             || CASE is_nullable WHEN 'YES' THEN ' null' ELSE '' END AS text \
             FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
        }
    };
    let all = database.texts(sql);
    all.into_iter().filter(|line| !line.starts_with("__diesel") && !line.starts_with("sqlite_")).collect()
}

/// The indexes that the migrations name. (Each engine chooses the names of the indexes of its constraints.)
fn indexes(database: &Database) -> Vec<String> {
    database.texts(match database.engine() {
        Engine::Sqlite => {
            "SELECT name AS text FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
        }
        Engine::Postgres => {
            "SELECT indexname::text AS text FROM pg_indexes WHERE schemaname = 'public' \
             AND indexname NOT LIKE '%\\_pkey' AND indexname NOT LIKE '%\\_key' ORDER BY 1"
        }
    })
}

/// The columns that `crates/database/src/schema.rs` declares, in the same form.
fn declared_columns() -> Vec<String> {
    let source = include_str!("../../crates/database/src/schema.rs");
    let mut tables = Vec::new();
    for table in source.split("table! {").skip(1) {
        let table = table.split("\n}").next().unwrap();
        let name = table.split('(').next().unwrap().trim();
        let lines = table.lines().filter_map(|line| line.trim().trim_end_matches(',').split_once(" -> "));
        let columns = lines.map(|(column, kind)| {
            let (kind, null) = match kind.strip_prefix("Nullable<") {
                Some(inner) => (inner.trim_end_matches('>'), " null"),
                None => (kind, ""),
            };
            let kind = match kind {
                "Text" => "text",
                "Integer" => "integer",
                "BigInt" => "bigint",
                "Binary" => "bytea",
                "Timestamp" => "timestamp",
                "Date" => "date",
                "Bool" => "boolean",
                other => panic!("{name}.{column}: {other} is not a type of both engines"),
            };
            // A column whose name is a keyword of Rust is renamed there.
            format!("{name}.{} {kind}{null}", column.trim_end_matches('_'))
        });
        tables.push((name.to_owned(), columns.collect::<Vec<_>>()));
    }
    tables.sort();
    tables.into_iter().flat_map(|(_, columns)| columns).collect()
}

#[test]
fn the_tables_match_on_both_engines_and_in_the_schema() {
    let [sqlite, postgres] = Engine::BOTH.map(|engine| {
        let database = Database::from_template(engine);
        (columns(&database), indexes(&database))
    });
    assert!(sqlite.0.len() > 100 && !sqlite.1.is_empty(), "{sqlite:?}");
    assert_eq!(sqlite, postgres);
    let sorted = |columns: Vec<String>| columns.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(sorted(declared_columns()), sorted(sqlite.0));
}

for_both_engines! {
    fn migrations_go_up_down_and_up_again(engine: Engine) {
        let database = Database::empty(engine);
        let url = database.url();
        let waiting = pending(&url).unwrap();
        assert!(!waiting.is_empty());
        assert_eq!(migrate(&url).unwrap().len(), waiting.len());
        let (columns_before, indexes_before) = (columns(&database), indexes(&database));
        assert!(!columns_before.is_empty());
        assert_eq!(pending(&url).unwrap(), Vec::<String>::new());
        assert_eq!(migrate(&url).unwrap(), Vec::<String>::new());
        revert_all(&url).unwrap();
        assert_eq!(database.tables(), Vec::<String>::new());
        assert_eq!(migrate(&url).unwrap().len(), waiting.len());
        assert_eq!((columns(&database), indexes(&database)), (columns_before, indexes_before));
    }

    fn instances_that_start_concurrently_on_an_empty_database_all_start(engine: Engine) {
        let database = Database::empty(engine);
        let storage = storage(&database);
        let start = Arc::new(Barrier::new(3));
        let starting = (0..3).map(|_| {
            let (storage, start) = (storage.clone(), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                opening::open(&storage, Clock::System, "https://api.example")
            })
        });
        let starting: Vec<_> = starting.collect();
        let started: Vec<Context> = starting.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect();
        assert_eq!(database.count("deployment"), 1);
        // Each instance accepts the tokens of the others, once it has reloaded the keys.
        actix_web::rt::System::new().block_on(async {
            for signer in &started {
                let token = signer.keys.sign("user:nobody", None, signer.now()).unwrap();
                for reader in &started {
                    if !reader.keys.knows_key_of(&token) {
                        reader.reload_keys().await.unwrap();
                    }
                    assert!(reader.keys.verify(&token, reader.now()).is_some());
                }
            }
        });
    }

    fn another_master_key_is_refused(engine: Engine) {
        let database = Database::from_template(engine);
        let other = MasterKey::generate();
        let refused = open_context(&database.url(), &other).err().unwrap().to_string();
        assert_eq!(
            refused,
            "this is not the master key that the database was created with: configure the original key, without which nothing can be read"
        );
        assert!(open_context(&database.url(), &MASTER_KEY).is_ok());
    }

    fn a_database_of_a_newer_version_is_refused(engine: Engine) {
        let database = Database::from_template(engine);
        database.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('299901010000')").unwrap();
        for refused in [migrate(&database.owner_url()).map(drop), pending(&database.owner_url()).map(drop)] {
            let sentence = refused.unwrap_err().to_string();
            assert!(sentence.contains("299901010000, newer than this program knows"), "{sentence}");
        }
    }

    fn the_history_of_a_referral_cannot_be_rewritten(engine: Engine) {
        let database = Database::from_template(engine);
        for sql in [
            "INSERT INTO services (id, name, time_zone, age_lower_birthday, age_upper_birthday, opened_on, closed_on, \
             wrapped_key, version, created_at, updated_at) VALUES ('s', 'Pôle', 'Europe/Paris', 0, 7, '2021-01-04', NULL, '', 1, '2026-03-02', '2026-03-02')",
            "INSERT INTO organisations (id, service_id, kind, name, name_key, commune_code, siret, finess, phone, email, \
             version, created_at, updated_at) VALUES ('o', 's', 'eaje', 'Crèche', 'creche', '63113', NULL, NULL, NULL, NULL, 1, '2026-03-02', '2026-03-02')",
            "INSERT INTO referrals (id, service_id, status, subject, origin, channel, received_on, urgency, organisation_id, \
             commune_code, concerns_school_time, author, version, created_at, updated_at) VALUES ('r', 's', 'received', \
             'structure', 'eaje', 'phone', '2026-03-02', 'normal', 'o', '63113', FALSE, 'local', 1, '2026-03-02', '2026-03-02')",
            "INSERT INTO referral_events (id, service_id, referral_id, version, action, to_status, overridden_rules, author, \
             happened_on, created_at) VALUES ('e', 's', 'r', 1, 'receive', 'received', '', 'local', '2026-03-02', '2026-03-02')",
        ] {
            database.execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        for sql in ["UPDATE referral_events SET author = 'somebody else'", "DELETE FROM referral_events"] {
            let refused = database.execute(sql).unwrap_err().to_string();
            assert!(refused.contains("referral_events is append-only"), "{sql}: {refused}");
        }
        let authors = database.texts("SELECT author AS text FROM referral_events");
        assert_eq!(authors, ["local"]);
    }
}

fn storage(database: &Database) -> Storage {
    Storage {
        database_url: Some(database.address()),
        data_dir: "unused".into(),
        master_key_file: None,
        master_key: Some(MASTER_KEY.to_text()),
        audit_heads: None,
        audit_heads_to: Vec::new(),
        audit_heads_token: None,
        audit_heads_ca: None,
        db_connections: 2,
        slow_query_ms: 10_000,
    }
}

fn open_context(url: &DatabaseUrl, key: &MasterKey) -> Result<Context, passerelle::startup::StartupError> {
    let db = Db::open(url, &options())?;
    Context::new(db, Vault::new(key).unwrap(), Clock::System, "https://api.example")
}

#[test]
fn the_error_for_an_unreachable_server_has_no_password() {
    // Nothing listens on port 1 of this machine.
    let url = DatabaseUrl::parse("postgres://passerelle:hunter2@127.0.0.1:1/pole").unwrap();
    for refused in [migrate(&url).map(drop), Db::open(&url, &options()).map(drop)] {
        let sentence = refused.unwrap_err().to_string();
        assert!(sentence.starts_with("cannot open the database postgres://127.0.0.1:1/pole: "), "{sentence}");
        assert!(!sentence.contains("hunter2") && !sentence.contains('\n'), "{sentence}");
    }
}

#[test]
fn a_database_url_with_an_unknown_scheme_is_refused() {
    let storage = Storage {
        database_url: Some("mysql://root:hunter2@db/pole".into()),
        ..storage(&Database::empty(Engine::Sqlite))
    };
    let sentence = opening::open(&storage, Clock::System, "https://api.example").err().unwrap().to_string();
    assert!(sentence.starts_with("DATABASE_URL has an unknown scheme \"mysql\""), "{sentence}");
    assert!(!sentence.contains("hunter2"), "{sentence}");
}

/// Inserts the row of one of many writers.
fn insert(conn: &mut passerelle::db::AnyConn, service: &str, code: &str) -> QueryResult<usize> {
    let sql = format!("INSERT INTO service_departements (service_id, departement_code) VALUES ('{service}', '{code}')");
    sql_query(sql).execute(conn)
}

on_both_databases! {
    async fn a_failed_write_does_not_affect_concurrent_ones(app: TestApp) {
        let service = app.service().await;
        let db = app.context().db.clone();
        let writes = (0..200).map(|n| {
            db.write(SystemScope::Operator, move |conn| {
                insert(conn, service.as_str(), &format!("w{n:03}"))?;
                match n % 10 {
                    // Refused by a rule after a write.
                    3 => return Err(ApiError::not_found()),
                    // Refused by the database between two writes.
                    6 => insert(conn, service.as_str(), "63")?,
                    // A bug.
                    9 => panic!("a closure that panics on purpose"),
                    _ => 0,
                };
                insert(conn, service.as_str(), &format!("x{n:03}"))?;
                Ok(n)
            })
        });
        let results = join_all(writes).await;
        for (n, result) in results.iter().enumerate() {
            let expected = match n % 10 {
                3 => Err(Code::NotFound),
                6 => Err(Code::Conflict),
                9 => Err(Code::Internal),
                _ => Ok(n),
            };
            assert_eq!(result.as_ref().copied().map_err(|error| error.code), expected, "write {n}");
        }
        let kept = app.database.texts("SELECT departement_code AS text FROM service_departements ORDER BY 1");
        let succeeded = (0..200).filter(|n| ![3, 6, 9].contains(&(n % 10)));
        let mut expected: Vec<String> = succeeded.flat_map(|n| [format!("w{n:03}"), format!("x{n:03}")]).collect();
        expected.push("63".into());
        expected.sort();
        assert_eq!(kept, expected);
    }

    async fn a_panicking_closure_is_an_internal_error_and_the_next_one_runs(app: TestApp) {
        let db = &app.context().db;
        for _ in 0..5 {
            let failed: Result<(), ApiError> = db.write(SystemScope::Operator, |_| panic!("a write that panics on purpose")).await;
            assert_eq!(failed.unwrap_err().code, Code::Internal);
            let failed: Result<(), ApiError> = db.read(SystemScope::Operator, |_| -> QueryResult<()> { panic!("a read that panics on purpose") }).await;
            assert_eq!(failed.unwrap_err().code, Code::Internal);
        }
        let service = app.service().await;
        app.user(service, Role::Manager).await.get(&format!("/v1/services/{service}")).await.expect(200);
    }

    async fn a_snapshot_does_not_see_later_writes(app: TestApp) {
        let service = app.service().await;
        let db = app.context().db.clone();
        let count = |conn: &mut passerelle::db::AnyConn| {
            passerelle::db::schema::service_departements::table.count().get_result::<i64>(conn)
        };
        let counts = app.context().db.read(SystemScope::Operator, move |conn| {
            conn.begin_snapshot()?;
            let before = count(conn)?;
            std::thread::spawn(move || db.write_blocking(SystemScope::Operator, move |conn| Ok(insert(conn, service.as_str(), "99")?))).join().unwrap()?;
            let meanwhile = count(conn)?;
            conn.end_snapshot()?;
            Ok::<_, ApiError>((before, meanwhile, count(conn)?))
        });
        assert_eq!(counts.await.unwrap(), (1, 1, 2));
    }

    async fn a_full_pool_returns_503_with_retry_after(app: TestApp) {
        let service = app.service().await;
        let user = app.user(service, Role::Manager).await;
        let narrow = DbOptions { connections: 1, permit_timeout: Duration::from_millis(50), ..options() };
        let instance = app.second_instance_with(narrow).await;
        let (started, has_started) = tokio::sync::oneshot::channel();
        let (release, released) = mpsc::channel::<()>();
        let db = instance.context().db.clone();
        let blocker = actix_web::rt::spawn(async move {
            db.read(SystemScope::Operator, move |_| -> QueryResult<()> {
                let _ = started.send(());
                let _ = released.recv();
                Ok(())
            })
            .await
        });
        has_started.await.unwrap();
        let user = user.at(&instance);
        let refused = user.get("/v1/services").await.expect(503).problem("unavailable");
        assert_eq!(refused.header("retry-after"), "1");
        // A request that needs no database still works, and a busy instance is ready.
        instance.anonymous().get("/health/live").await.expect(200);
        instance.anonymous().get("/health/ready").await.expect(200);
        release.send(()).unwrap();
        blocker.await.unwrap().unwrap();
        instance.anonymous().get("/health/ready").await.expect(200);
        user.get("/v1/services").await.expect(200);
    }

    async fn an_instant_keeps_its_microseconds(app: TestApp) {
        app.clock.set("2026-03-29T01:30:00.123456Z".parse().unwrap());
        let administrator = app.administrator().await;
        let service = app.service().await;
        let read = administrator.get(&format!("/v1/services/{service}")).await.expect(200);
        assert_eq!(read["created_at"], "2026-03-29T01:30:00.123456Z");
    }

    async fn a_slow_statement_is_logged_without_its_values(app: TestApp) {
        let attentive = app.second_instance_with(DbOptions { slow_after: Duration::ZERO, ..options() }).await;
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await.at(&attentive);
        let title = format!("Quetzal {}", uuid::Uuid::now_v7());
        let new = json!({"title": title, "fte_percent": 37, "starts_on": "2026-01-01", "counted": true});
        manager.post(&format!("/v1/services/{service}/positions"), new).await.expect(201);
        let slow = logs::lines_with("passerelle::slow_query");
        assert!(slow.iter().any(|line| line.contains("positions")), "the statement was not logged");
        assert_eq!(logs::lines_with(&title), Vec::<String>::new());
    }

    async fn the_author_of_local_work_is_not_a_principal(app: TestApp) {
        assert!(app.context().active(PrincipalId::Local).await.unwrap().is_none());
    }
}

/// The pool must drop dead connections: after a restart of the server, or if a firewall cuts an idle connection.
#[test]
fn connections_that_the_server_closed_are_replaced() {
    crate::harness::run(Engine::Postgres, |app| async move {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let path = format!("/v1/services/{service}");
        manager.get(&path).await.expect(200);
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        app.database.execute(cut).unwrap();
        let mut statuses = Vec::new();
        for _ in 0..12 {
            statuses.push(
                app.context()
                    .db
                    .read(SystemScope::Operator, passerelle::db::AnyConn::ping)
                    .await
                    .map_err(|error| error.code),
            );
        }
        assert_eq!(statuses.last(), Some(&Ok(())), "{statuses:?}");
        assert!(statuses.iter().all(|status| matches!(status, Ok(()) | Err(Code::Unavailable))), "{statuses:?}");
        manager.get(&path).await.expect(200);
    });
}
