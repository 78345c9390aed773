//! The second wall between services, on PostgreSQL: row-level security, named scopes of the program itself, and a role that
//! serves and owns nothing.

use std::collections::{BTreeMap, BTreeSet};

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use passerelle::auth::ServiceScope;
use passerelle::db::{
    APPEND_ONLY, AnyConn, DatabaseUrl, Db, Id, NOTICES_THAT_WAIT, PARTNER_READS, Rows, SANDBOX, SystemScope, TABLES,
    Tables, migrate, migrate_for,
};
use passerelle::error::{ApiError, Code};
use passerelle::notices::NoticeKind;
use passerelle::work::Work;
use passerelle::{actions, cases, households, organisations, referents, referrals};

use crate::harness::database::{OWNER, RUNTIME, texts};
use crate::harness::process::program;
use crate::harness::{Database, Engine, TestApp, options, run};
use crate::matrix::fixture::{Contents, Fixture};

/// The Rust files of a folder.
fn sources(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else {
            found.push(entry);
        }
    }
}

#[test]
fn no_request_runs_as_the_operator() {
    let mut files = Vec::new();
    sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    files.retain(|file| {
        !["src/cli", "src/demo", "src/opening.rs"].iter().any(|own| file.to_string_lossy().contains(own))
    });
    assert!(files.len() > 300, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        // A call made of a principal alone has the scope of the operator.
        let uses = ["read(", "write(", "read_reserved(", "write_reserved(", "read_blocking(", "write_blocking("];
        let operator = text.lines().find(|line| {
            line.contains("SystemScope::Operator")
                || uses.iter().any(|used| line.contains(&format!("{used}PrincipalId::")))
        });
        assert_eq!(operator, None, "{}", file.display());
    }
}

#[test]
fn the_sandbox_is_the_service_that_the_policies_name() {
    assert_eq!(passerelle::statistics::sandbox::service().as_str(), SANDBOX);
}

/// The number of rows of each table that a connection sees in a scope.
fn seen(conn: &mut AnyConn, scope: &str) -> BTreeMap<String, i64> {
    conn.batch_execute(&format!("SET passerelle.scope = '{scope}'")).unwrap();
    let count = |(table, _): &(&str, Rows)| format!("SELECT '{table} ' || count(*) AS text FROM {table}");
    rows(&texts(conn, &TABLES.iter().map(count).collect::<Vec<_>>().join(" UNION ALL ")))
}

fn rows(counted: &[String]) -> BTreeMap<String, i64> {
    let pairs = counted.iter().filter_map(|row| row.split_once(' '));
    pairs.map(|(table, number)| (table.to_owned(), number.parse().unwrap())).collect()
}

/// The number of rows that a service has, as a superuser counts them, and all rows of tables that every service reads.
fn owned(database: &Database, service: Id) -> BTreeMap<String, i64> {
    let count = |(table, rows): &(&str, Rows)| {
        let filter = match rows {
            Rows::Deployment | Rows::Account(_) => "TRUE".to_owned(),
            Rows::Service(column) | Rows::Told(_, column) => format!("{column} = '{service}'"),
            Rows::Journal => format!("chain = '{service}'"),
            Rows::PartOf(whole, column) => {
                format!("{column} IN (SELECT id FROM {whole} WHERE service_id = '{service}')")
            }
        };
        format!("SELECT '{table} ' || count(*) AS text FROM {table} WHERE {filter}")
    };
    rows(&database.texts(&TABLES.iter().map(count).collect::<Vec<_>>().join(" UNION ALL ")))
}

/// Two services, each with an object of every kind.
async fn two_services(app: &TestApp) -> [Fixture; 2] {
    [Fixture::new(app, Contents::Everything).await, Fixture::new(app, Contents::Everything).await]
}

#[test]
fn every_table_has_a_place_and_a_wall() {
    let database = Database::from_template(Engine::Postgres);
    let known: BTreeSet<String> = TABLES.iter().map(|(table, _)| (*table).to_owned()).collect();
    let tables = database.tables().into_iter().collect::<BTreeSet<_>>();
    assert_eq!(known, tables, "a table is missing in crates/database/src/walls/tables.rs");
    let walled = database.texts(
        "SELECT relname::text AS text FROM pg_class WHERE relrowsecurity AND relforcerowsecurity \
         AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid)",
    );
    let wanted = TABLES.iter().filter(|(_, rows)| *rows != Rows::Deployment).map(|(table, _)| (*table).to_owned());
    assert_eq!(walled.into_iter().collect::<BTreeSet<_>>(), wanted.collect());
    // A table of the deployment has no column that names a service.
    let with_service: BTreeSet<String> = database
        .texts("SELECT table_name::text AS text FROM information_schema.columns WHERE column_name = 'service_id'")
        .into_iter()
        .collect();
    for (table, rows) in TABLES {
        let is_of_service =
            matches!(rows, Rows::Service("service_id") | Rows::Account("service_id") | Rows::Told(_, "service_id"));
        assert_eq!(is_of_service, with_service.contains(*table), "{table}");
    }
    // A table that refers to one of services is a part of it, or has a service of its own.
    let references = database.texts(
        "SELECT DISTINCT conrelid::regclass || ' ' || confrelid::regclass AS text FROM pg_constraint WHERE contype = 'f'",
    );
    let of_deployment = |name: &str| TABLES.iter().any(|(table, rows)| *table == name && *rows == Rows::Deployment);
    for reference in references {
        let (from, to) = reference.split_once(' ').unwrap();
        let is_right = !of_deployment(from) || of_deployment(to);
        assert!(is_right, "{from} leads to a service by {to}");
    }
}

#[test]
fn the_tables_that_only_grow_are_those_with_a_trigger() {
    let database = Database::from_template(Engine::Postgres);
    let guarded = database
        .texts("SELECT DISTINCT tgrelid::regclass::text AS text FROM pg_trigger WHERE tgname LIKE '%append_only'");
    let known = APPEND_ONLY.iter().map(|(table, _)| (*table).to_owned());
    assert_eq!(known.collect::<BTreeSet<_>>(), guarded.into_iter().collect());
}

#[test]
fn a_statement_without_any_filter_sees_the_rows_of_its_service_only() {
    run(Engine::Postgres, async |app: TestApp| {
        let [one, other] = two_services(&app).await;
        let mut conn = app.database.connect_as(RUNTIME);
        let ours = owned(&app.database, one.service);
        let filled = TABLES.iter().filter(|(table, rows)| *rows != Rows::Deployment && ours[*table] > 0).count();
        assert!(filled > 50, "only {filled} tables have rows: {ours:?}");
        assert_eq!(seen(&mut conn, one.service.as_str()), ours);
        // Both services, as a caller with roles in both has them.
        let both: BTreeMap<String, i64> = owned(&app.database, other.service)
            .into_iter()
            .map(|(table, rows)| {
                let is_shared = TABLES
                    .iter()
                    .any(|(name, kind)| *name == table && matches!(kind, Rows::Deployment | Rows::Account(_)));
                let sum = if is_shared { rows } else { rows + ours[&table] };
                (table, sum)
            })
            .collect();
        assert_eq!(seen(&mut conn, &format!("{},{}", one.service, other.service)), both);
        // A forgotten scope sees nothing.
        for nothing in ["", "@nobody"] {
            for (table, rows) in seen(&mut conn, nothing) {
                let of_deployment = TABLES.iter().any(|(name, kind)| *name == table && *kind == Rows::Deployment);
                assert!(of_deployment || rows == 0, "{table}: {rows}");
            }
        }
    });
}

#[test]
fn each_scope_of_the_program_sees_what_it_names() {
    run(Engine::Postgres, async |app: TestApp| {
        let [one, other] = two_services(&app).await;
        let mut conn = app.database.connect_as(RUNTIME);
        let (ours, theirs) = (owned(&app.database, one.service), owned(&app.database, other.service));
        for scope in SystemScope::ALL {
            let visible = seen(&mut conn, &scope.to_string());
            for (table, rows) in TABLES {
                let is_named = match rows {
                    Rows::Deployment | Rows::Journal | Rows::Told(..) => continue,
                    Rows::Service(_) | Rows::Account(_) => scope.reads().contain(table),
                    Rows::PartOf(whole, _) => scope.reads().contain(whole),
                };
                let all = app.database.count(table);
                if !matches!(rows, Rows::Account(_)) {
                    assert!(all >= ours[*table] + theirs[*table]);
                }
                assert_eq!(visible[*table], if is_named { all } else { 0 }, "{scope} {table}");
            }
            let journal = match scope {
                SystemScope::Operator | SystemScope::Journal => app.database.count("audit_events"),
                SystemScope::Administration => app.database.count("audit_events WHERE chain = 'deployment'"),
                _ => 0,
            };
            assert_eq!(visible["audit_events"], journal, "{scope}");
            let told = match scope {
                SystemScope::Operator | SystemScope::Jobs => app.database.count("notices"),
                SystemScope::Administration => {
                    app.database.count("notices WHERE kind IN ('role_requested', 'client_requested')")
                }
                _ => 0,
            };
            assert_eq!(visible["notices"], told, "{scope}");
        }
        // A partner reads a part of its services, and nothing of others.
        let visible = seen(&mut conn, &format!("@partner;{}", one.service));
        for (table, rows) in TABLES {
            let is_named = match rows {
                Rows::Deployment => continue,
                Rows::Journal | Rows::Account(_) | Rows::Told(..) => false,
                Rows::Service(_) => PARTNER_READS.contains(table),
                Rows::PartOf(whole, _) => PARTNER_READS.contains(whole),
            };
            assert_eq!(visible[*table], if is_named { ours[*table] } else { 0 }, "partner {table}");
        }
        // An administrator with a role has its service besides.
        let visible = seen(&mut conn, &format!("@administration,{}", one.service));
        assert_eq!(visible["children"], ours["children"]);
        assert_eq!(visible["memberships"], app.database.count("memberships"));
    });
}

#[test]
fn a_notice_is_read_by_the_person_and_by_the_service_that_it_is_for() {
    assert_eq!(NoticeKind::REQUESTS.map(|kind| kind.as_str()), NOTICES_THAT_WAIT);
    run(Engine::Postgres, async |app: TestApp| {
        let [one, other] = two_services(&app).await;
        let (user, stranger) = (one.manager.bare_id(), other.manager.bare_id());
        app.database.execute("DELETE FROM notices").unwrap();
        for (rank, (person, service)) in
            [(Some(user), None), (None, Some(one.service)), (Some(stranger), Some(one.service))].into_iter().enumerate()
        {
            let quoted = |id: Option<Id>| id.map_or("NULL".to_owned(), |id| format!("'{id}'"));
            let sql = format!(
                "INSERT INTO notices (id, user_id, service_id, kind, about, author, created_at) \
                 VALUES ('{rank}', {}, {}, 'role_changed', 'x', 'y', now())",
                quoted(person),
                quoted(service)
            );
            app.database.execute(&sql).unwrap();
        }
        let mut conn = app.database.connect_as(RUNTIME);
        let of = |scope: String| {
            conn.batch_execute(&format!("SET passerelle.scope = '{scope}'")).unwrap();
            texts(&mut conn, "SELECT id AS text FROM notices ORDER BY id")
        };
        let mut of = of;
        assert_eq!(of(format!(",user:{user}")), ["0"]);
        assert_eq!(of(format!("{},user:{user}", one.service)), ["0", "1", "2"]);
        assert_eq!(of(format!(",user:{stranger}")), ["2"]);
        assert_eq!(of(format!("{},user:{stranger}", other.service)), ["2"]);
        assert_eq!(of(other.service.to_string()), [""; 0]);
        // Whoever reads one does not remove it.
        conn.batch_execute(&format!("SET passerelle.scope = ',user:{user}'")).unwrap();
        assert_eq!(diesel::sql_query("DELETE FROM notices").execute(&mut conn), Ok(0));
    });
}

#[test]
fn a_scope_that_reads_does_not_write() {
    run(Engine::Postgres, async |app: TestApp| {
        let [one, _] = two_services(&app).await;
        let mut conn = app.database.connect_as(RUNTIME);
        let mut changed = |scope: &str, table: &str, column: &str| {
            let sql = format!("BEGIN; SET LOCAL passerelle.scope = '{scope}'");
            conn.batch_execute(&sql).unwrap();
            let rows = diesel::sql_query(format!("UPDATE {table} SET {column} = {column}")).execute(&mut conn);
            conn.batch_execute("ROLLBACK").unwrap();
            rows.unwrap()
        };
        for scope in SystemScope::ALL {
            let Tables::Only(read) = scope.reads() else { continue };
            for table in read.iter().filter(|table| **table != "statistics_releases") {
                let (_, rows) = TABLES.iter().find(|(name, _)| name == table).unwrap();
                let (Rows::Service(column) | Rows::Account(column)) = rows else { continue };
                let rows = changed(&scope.to_string(), table, column);
                let all = usize::try_from(app.database.count(table)).unwrap();
                assert_eq!(rows, if scope.writes().contain(table) { all } else { 0 }, "{scope} {table}");
            }
        }
        assert_eq!(changed(&format!("@partner;{}", one.service), "conventions", "service_id"), 0);
        assert_eq!(changed(&format!("@partner;{}", one.service), "convention_terms", "number"), 0);
        assert!(changed(one.service.as_str(), "survey_tokens", "survey_id") > 0);
        assert!(changed("@survey", "survey_tokens", "survey_id") > 0);
        assert_eq!(changed("@survey", "survey_questions", "survey_id"), 0);
    });
}

#[test]
fn a_row_of_another_service_is_neither_added_nor_changed() {
    run(Engine::Postgres, async |app: TestApp| {
        let [one, other] = two_services(&app).await;
        let mut conn = app.database.connect_as(RUNTIME);
        conn.batch_execute(&format!("SET passerelle.scope = '{}'", one.service)).unwrap();
        let mut run = |sql: String| diesel::sql_query(sql).execute(&mut conn).map_err(|error| error.to_string());
        let foreign = &other.referral;
        let (ours, theirs) = (one.service, other.service);
        for refused in [
            format!("UPDATE organisations SET service_id = '{theirs}'"),
            format!("INSERT INTO service_departements VALUES ('{theirs}', '03')"),
            format!("INSERT INTO service_departements SELECT '{theirs}', '03' FROM services"),
            format!("INSERT INTO referral_needs VALUES ('{foreign}', 'x', 1)"),
            format!(
                "UPDATE referral_needs SET referral_id = '{foreign}', need = 'y' \
                 WHERE (referral_id, need) IN (SELECT referral_id, need FROM referral_needs LIMIT 1)"
            ),
        ] {
            let error = run(refused.clone()).expect_err(&refused);
            let is_refusal = error.contains("row-level security") || error.contains("outside the scope");
            assert!(is_refusal, "{refused}: {error}");
        }
        let mut untouched = |sql: String| {
            let before = app.database.counts();
            assert_eq!(run(sql.clone()), Ok(0), "{sql}");
            assert_eq!(app.database.counts(), before);
        };
        untouched(format!("DELETE FROM households WHERE service_id <> '{ours}'"));
        untouched(format!("UPDATE children SET version = version + 1 WHERE service_id = '{theirs}'"));
        untouched(format!("DELETE FROM referral_needs WHERE referral_id = '{foreign}'"));
    });
}

/// A read by a store, which gets its scope.
type Unfiltered = Box<dyn FnOnce(&mut Work<'_>, &ServiceScope) -> Result<(), ApiError> + Send>;

/// Reads the objects of one service with stores that filter nothing, on a connection of another.
async fn foreign_objects(app: &TestApp) -> Vec<(&'static str, Result<(), ApiError>)> {
    let [one, other] = two_services(app).await;
    let id = |text: &str| text.parse::<Id>().unwrap();
    let (household, child, contact) = (id(&other.household), id(&other.child), id(&other.contact));
    let (referral, case, organisation) = (id(&other.referral), id(&other.case), id(&other.organisation));
    let first = |table: &str| {
        let found = app.database.texts(&format!(
            "SELECT id AS text FROM {table} WHERE service_id = '{}' ORDER BY id LIMIT 1",
            other.service
        ));
        id(&found[0])
    };
    let (action, referent) = (first("actions"), first("referents"));
    let reads: Vec<(&'static str, Unfiltered)> = vec![
        ("household", Box::new(move |work, all| households::ops::find(work, all, household).map(drop))),
        ("child", Box::new(move |work, all| households::ops::find_child(work, all, child).map(drop))),
        ("contact", Box::new(move |work, all| households::ops::find_contact(work, all, contact).map(drop))),
        ("referral", Box::new(move |work, all| referrals::ops::find(work, all, referral).map(drop))),
        ("case", Box::new(move |work, all| cases::ops::find(work, all, case).map(drop))),
        ("organisation", Box::new(move |work, all| organisations::ops::find(work, all, organisation).map(drop))),
        ("action", Box::new(move |work, all| actions::ops::find(work, all, action).map(drop))),
        ("referent", Box::new(move |work, all| referents::ops::find(work, all, referent).map(drop))),
    ];
    let mut found = Vec::new();
    for (name, read) in reads {
        found.push((name, app.unfiltered(one.service, read).await));
    }
    found
}

#[test]
fn a_store_that_forgets_its_scope_finds_no_foreign_row() {
    run(Engine::Postgres, async |app: TestApp| {
        for (name, found) in foreign_objects(&app).await {
            assert_eq!(found.map_err(|error| error.code), Err(Code::NotFound), "{name}");
        }
    });
    // The same stores find the rows where there is no second wall: nothing else hid them.
    run(Engine::Sqlite, async |app: TestApp| {
        for (name, found) in foreign_objects(&app).await {
            assert!(found.is_ok(), "{name}: {found:?}");
        }
    });
}

#[test]
fn the_role_that_serves_cannot_rewrite_the_past_or_take_a_wall_down() {
    run(Engine::Postgres, async |app: TestApp| {
        let fixture = Fixture::new(&app, Contents::Everything).await;
        fixture.manager.get(&format!("/v1/households/{}", fixture.household)).await.expect(200);
        let mut conn = app.database.connect_as(RUNTIME);
        conn.batch_execute("SET passerelle.scope = '@operator'").unwrap();
        let mut refused = vec![
            "ALTER TABLE children NO FORCE ROW LEVEL SECURITY".to_owned(),
            "DROP TABLE revocations".into(),
            "CREATE TABLE mine (id integer)".into(),
            "ALTER TABLE audit_events DISABLE TRIGGER ALL".into(),
            "SET session_replication_role = 'replica'".into(),
            "DELETE FROM __diesel_schema_migrations".into(),
            "UPDATE audit_events SET operation = 'POST /v1/nothing'".into(),
            "UPDATE audit_events SET position = 1, principal = 'user:x'".into(),
        ];
        for (table, _) in TABLES {
            refused.push(format!("TRUNCATE {table} CASCADE"));
        }
        for (table, later) in APPEND_ONLY {
            refused.push(format!("DELETE FROM {table}"));
            if later.is_empty() {
                let columns = app.database.texts(&format!(
                    "SELECT column_name::text AS text FROM information_schema.columns WHERE table_name = '{table}' LIMIT 1"
                ));
                refused.push(format!("UPDATE {table} SET {0} = {0}", columns[0]));
            }
        }
        for sql in refused {
            let error = diesel::sql_query(&sql).execute(&mut conn).expect_err(&sql).to_string();
            assert!(error.contains("permission denied") || error.contains("must be owner"), "{sql}: {error}");
        }
    });
}

/// Whether an instance with another role would be ready.
fn readiness(database: &Database, role: &str) -> Result<(), ApiError> {
    let db = Db::open(&database.url_as(role), &options()).unwrap();
    actix_web::rt::System::new().block_on(db.check_ready())
}

#[test]
fn an_instance_whose_role_bypasses_the_walls_is_not_ready() {
    crate::harness::logs::capture();
    let database = Database::from_template(Engine::Postgres);
    let admin = format!("passerelle_test_bypass_{}", std::process::id());
    database.execute(&format!("CREATE ROLE {admin} LOGIN PASSWORD 'passerelle' BYPASSRLS")).unwrap();
    database.execute(&format!("GRANT {RUNTIME} TO {admin}")).unwrap();
    let bypassing = readiness(&database, &admin);
    database.execute(&format!("ALTER ROLE {admin} NOBYPASSRLS")).unwrap();
    let member = readiness(&database, &admin);
    database.execute(&format!("ALTER ROLE {admin} SUPERUSER")).unwrap();
    let superuser = readiness(&database, &admin);
    database.execute(&format!("DROP ROLE {admin}")).unwrap();
    for refused in [bypassing, superuser] {
        let error = refused.expect_err("it bypasses them");
        assert_eq!(error.code, Code::Unavailable);
        assert!(error.detail.as_ref().is_some_and(|detail| detail.en.contains("Row-level security")), "{error:?}");
    }
    assert!(member.is_ok(), "{member:?}");
    assert!(readiness(&database, RUNTIME).is_ok());
    // The owner is bound as long as the walls are forced.
    assert!(readiness(&database, OWNER).is_ok());
    database.execute("ALTER TABLE children NO FORCE ROW LEVEL SECURITY").unwrap();
    assert!(readiness(&database, OWNER).is_err());
    assert!(readiness(&database, RUNTIME).is_ok());
    database.execute("ALTER TABLE children DISABLE ROW LEVEL SECURITY").unwrap();
    assert!(readiness(&database, RUNTIME).is_err());
    // The next migration puts it back.
    migrate(&database.owner_url()).unwrap();
    assert!(readiness(&database, RUNTIME).is_ok());
}

#[test]
fn a_second_migration_changes_no_policy() {
    let database = Database::from_template(Engine::Postgres);
    let policies = || database.texts("SELECT oid::text || polname AS text FROM pg_policy ORDER BY 1");
    let before = policies();
    assert!(before.len() > 70, "{}", before.len());
    migrate(&database.owner_url()).unwrap();
    assert_eq!(policies(), before);
    let unknown = migrate_for(&database.owner_url(), Some("nobody_at_all")).unwrap_err().to_string();
    assert!(unknown.ends_with("there is no role nobody_at_all: create it first"), "{unknown}");
}

#[test]
fn the_owner_migrates_and_another_role_serves() {
    let database = Database::empty(Engine::Postgres);
    let data = tempfile::tempdir().unwrap();
    let text = |url: DatabaseUrl| match url {
        DatabaseUrl::Postgres(url) => url,
        DatabaseUrl::Sqlite(_) => unreachable!(),
    };
    let (owner, runtime) = (text(database.url_as(OWNER)), text(database.url_as(RUNTIME)));
    let key = passerelle::privacy::MasterKey::generate().to_text();
    let run = |arguments: &[&str], settings: &[(&str, &str)]| {
        let mut command = program(arguments);
        command.env("PASSERELLE_DATA_DIR", data.path()).env("PASSERELLE_MASTER_KEY", &*key);
        command.env("DATABASE_URL", &runtime).envs(settings.iter().copied()).output().unwrap()
    };
    let invite = ["user", "invite", "--administrator"];
    let refused = run(&invite, &[]);
    let sentence = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{sentence}");
    assert!(sentence.contains("is empty, and the role passerelle_test_runtime may not create tables"), "{sentence}");
    let migrated = run(&["migrate"], &[("DATABASE_OWNER_URL", &*owner), ("PASSERELLE_RUNTIME_ROLE", RUNTIME)]);
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    let invited = run(&invite, &[]);
    assert!(invited.status.success(), "{}", String::from_utf8_lossy(&invited.stderr));
    // A migration that is missing: the role that serves cannot apply it.
    database.execute("DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)").unwrap();
    let refused = run(&invite, &[]);
    let sentence = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(sentence.contains("lacks 1 migration(s)") && sentence.contains("DATABASE_OWNER_URL"), "{sentence}");
}
