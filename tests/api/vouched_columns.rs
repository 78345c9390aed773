//! The columns of rows that give rights: each is covered by a MAC, or named here with the reason why not. And how the rows of
//! an earlier version get theirs, once.

use std::fmt::Write as _;

use passerelle::auth::{Permission, Role, forged};
use passerelle::db::AnyConn;
use passerelle::deployment::vouch_for_rows;
use serde_json::json;

use crate::harness::database::Database;
use crate::harness::{Engine, PASSWORD, TestApp};
use crate::vouching::{by_hand, bytes, forged_rows, forget_rights, me, sign_in, with_password, with_secret};

/// The columns that a MAC covers, each with another value.
const COVERED: &[(&str, &[(&str, &str)])] = &[
    (
        "users",
        &[
            ("id", "'00000000-0000-0000-0000-000000000001'"),
            ("email", "'other@example.org'"),
            ("password_hash", "'x'"),
            ("administrator", "NOT administrator"),
            ("disabled_at", "'2030-01-01 00:00:00'"),
            ("sealed_totp_secret", "BYTES"),
            ("totp_confirmed_at", "'2030-01-01 00:00:00'"),
            ("version", "version + 1"),
        ],
    ),
    (
        "memberships",
        &[
            ("user_id", "'00000000-0000-0000-0000-000000000001'"),
            ("service_id", "'00000000-0000-0000-0000-000000000001'"),
            ("role", "'coordinator'"),
            ("requested_by", "'local'"),
        ],
    ),
    (
        "clients",
        &[
            ("id", "'00000000-0000-0000-0000-000000000001'"),
            ("secret_hash", "BYTES"),
            ("permissions", "'households:read'"),
            ("disabled_at", "'2030-01-01 00:00:00'"),
            ("version", "version + 1"),
            ("expires_at", "'2030-01-01 00:00:00'"),
            ("networks", "'0.0.0.0/0'"),
            ("former_secret_hash", "BYTES"),
            ("former_secret_until", "'2030-01-01 00:00:00'"),
            ("partner_name", "'x'"),
            ("partner_kind", "'caf'"),
            ("partner_territory", "'departement:63'"),
            ("made_by", "'user:x'"),
            ("requested_by", "'local'"),
        ],
    ),
    (
        "client_services",
        &[
            ("client_id", "'00000000-0000-0000-0000-000000000001'"),
            ("service_id", "'00000000-0000-0000-0000-000000000001'"),
        ],
    ),
    (
        "invitations",
        &[
            ("id", "'00000000-0000-0000-0000-000000000001'"),
            ("token_hash", "BYTES"),
            ("administrator", "NOT administrator"),
            ("service_id", "'00000000-0000-0000-0000-000000000001'"),
            ("role", "'manager'"),
            ("expires_at", "'2030-01-01 00:00:00'"),
            ("used_at", "'2030-01-01 00:00:00'"),
            ("issued_by", "'user:x'"),
        ],
    ),
    (
        "password_resets",
        &[
            ("user_id", "'00000000-0000-0000-0000-000000000001'"),
            ("token_hash", "BYTES"),
            ("expires_at", "'2030-01-01 00:00:00'"),
            ("issued_by", "'user:x'"),
        ],
    ),
    (
        "refresh_tokens",
        &[
            ("token_hash", "BYTES"),
            ("session_id", "'00000000-0000-0000-0000-000000000001'"),
            ("user_id", "'00000000-0000-0000-0000-000000000001'"),
            ("used_at", "'2030-01-01 00:00:00'"),
            ("expires_at", "'2030-01-01 00:00:00'"),
            ("session_ends_at", "'2030-01-01 00:00:00'"),
        ],
    ),
    ("revocations", &[("revoked", "'x'"), ("until", "'2030-01-01 00:00:00'")]),
    (
        "statistics_settings",
        &[
            ("service_id", "'00000000-0000-0000-0000-000000000001'"),
            ("spec_code", "'x'"),
            ("open_threshold", "11"),
            ("partner_threshold", "6"),
            ("reason", "'x'"),
            ("author", "'x'"),
            ("version", "version + 1"),
            ("updated_at", "'2030-01-01 00:00:00'"),
        ],
    ),
    (
        "signing_keys",
        &[
            ("kid", "'x'"),
            ("public_key", "BYTES"),
            ("sealed_private_key", "BYTES"),
            ("created_at", "'2030-01-01 00:00:00'"),
            ("retired_at", "'2030-01-01 00:00:00'"),
        ],
    ),
];

/// The columns of these tables that no MAC covers, and why.
const NOT_COVERED: &[(&str, &str, &str)] = &[
    ("users", "display_name", "a name that people see: it gives no right"),
    ("users", "created_at", "shown only"),
    ("users", "updated_at", "shown, and a filter of lists"),
    ("users", "last_signed_in_at", "shown only; changes at each sign-in"),
    ("users", "totp_last_step", "changes at each sign-in; lowered, it lets a code be used twice within its minute"),
    ("clients", "name", "a name that people see: it gives no right"),
    ("clients", "created_at", "shown only"),
    ("clients", "updated_at", "shown, and a filter of lists"),
    ("clients", "last_used_at", "shown only; changes at each sign-in"),
    ("invitations", "created_at", "shown only"),
    ("refresh_tokens", "issued_at", "shown only"),
    ("refresh_tokens", "address", "shown only"),
];

fn columns(database: &Database, table: &str) -> Vec<String> {
    database.texts(&match database.engine() {
        Engine::Sqlite => format!("SELECT name AS text FROM pragma_table_info('{table}')"),
        Engine::Postgres => {
            format!("SELECT column_name::text AS text FROM information_schema.columns WHERE table_name = '{table}'")
        }
    })
}

on_both_databases! {
    async fn no_column_of_a_row_that_gives_rights_is_left_without_a_decision(app: TestApp) {
        for (table, covered) in COVERED {
            let mut known: Vec<&str> = covered.iter().map(|(column, _)| *column).collect();
            known.extend(NOT_COVERED.iter().filter(|(of, ..)| of == table).map(|(_, column, _)| *column));
            known.push("mac");
            known.sort_unstable();
            let mut real = columns(&app.database, table);
            real.sort_unstable();
            assert_eq!(real, known, "{table}");
        }
        // Every table with a MAC is here, but for those of the journal, which have a chain too.
        let tables = app.database.tables().into_iter().filter(|table| !table.starts_with("audit_"));
        let with_mac: Vec<String> =
            tables.filter(|table| columns(&app.database, table).contains(&"mac".to_owned())).collect();
        let mut known: Vec<&str> = COVERED.iter().map(|(table, _)| *table).collect();
        known.sort_unstable();
        assert_eq!(with_mac, known);
    }

    async fn no_column_that_gives_rights_changes_without_its_mac(app: TestApp) {
        one_row_of_each(&app).await;
        let key = app.context().vault.authority_key();
        let mut conn = app.database.connect();
        ignore_references(&mut conn);
        assert_eq!(forged(&mut conn, key).unwrap(), []);
        let zeros = bytes(&app, "00000000");
        let mut change = |table: &str, column: &str, value: &str| {
            let value = value.replace("BYTES", &zeros);
            begin(&mut conn);
            let changed = diesel::RunQueryDsl::execute(
                diesel::sql_query(format!("UPDATE {table} SET {column} = {value}")), &mut conn);
            assert_eq!(changed, Ok(1), "{table}.{column}: one row, which changes");
            let found: Vec<&str> = forged(&mut conn, key).unwrap().into_iter().map(|(table, _)| table).collect();
            roll_back(&mut conn);
            found.join(" ")
        };
        for (table, covered) in COVERED {
            for (column, value) in covered.iter().chain([&("mac", "NULL"), &("mac", "BYTES")]) {
                assert_eq!(change(table, column, value), *table, "{column}");
            }
        }
        for (table, column, _) in NOT_COVERED {
            assert_eq!(change(table, column, column), "", "{table}.{column}");
        }
    }

    async fn rows_of_an_earlier_version_are_vouched_for_once_and_never_again(app: TestApp) {
        one_row_of_each(&app).await;
        let service = app.service().await;
        let (user, client) = (app.user(service, Role::Manager).await, app.client(service, &[Permission::ServicesRead]).await);
        let session = app.session_of(user.bare_id()).await;
        make_earlier(&app);
        user.get("/v1/me").await.expect(401);
        with_secret(&app, client.bare_id(), &client.secret).await.expect(401);
        // The first start.
        let other = app.second_instance().await;
        vouch(&other).unwrap();
        assert_eq!(forged_rows(&app), Vec::<String>::new());
        assert_eq!(me(&user.clone().at(&other)).await["services"].as_array().unwrap().len(), 1);
        forget_rights(&app);
        with_password(&app, &user, PASSWORD).await.expect(200);
        with_secret(&app, client.bare_id(), &client.secret).await.expect(200);
        let renewed = [("grant_type", "refresh_token"), ("refresh_token", session.refresh_token.as_str())];
        sign_in(&app, &renewed).await.expect(200);
        let recorded = "SELECT operation AS text FROM audit_events WHERE operation = 'vouch for rows'";
        assert_eq!(app.database.texts(recorded).len(), 1);
        // The next start vouches for nothing more.
        by_hand(&app, &format!("UPDATE memberships SET role = 'coordinator', mac = NULL WHERE user_id = '{}'", user.bare_id()));
        vouch(&other).unwrap();
        assert_eq!(forged_rows(&app), [format!("memberships {} {service}", user.bare_id())]);
        // Nor does it if the database says that it is of an earlier version, as a copy from before could make it say.
        make_earlier(&app);
        let refused = vouch(&other).unwrap_err().to_string();
        assert!(refused.contains("its journal says"), "{refused}");
        assert!(!forged_rows(&app).is_empty());
        // Without the event, the heads outside the database know that one is missing: see `restore`.
        assert_eq!(app.database.texts(recorded).len(), 1);
    }

    async fn a_database_whose_record_was_removed_does_not_begin_again(app: TestApp) {
        app.user(app.service().await, Role::Manager).await;
        app.database.execute("DELETE FROM deployment").unwrap();
        let url = app.database.url();
        let opened = std::thread::spawn(move || {
            let db = passerelle::db::Db::open(&url, &crate::harness::options()).unwrap();
            let vault = passerelle::privacy::Vault::new(&crate::harness::MASTER_KEY).unwrap();
            passerelle::http::Context::new(db, vault, passerelle::clock::Clock::System, "").map(drop)
        });
        let refused = opened.join().unwrap().unwrap_err().to_string();
        assert!(refused.contains("no longer says which master key"), "{refused}");
    }
}

/// One row of each of the tables.
async fn one_row_of_each(app: &TestApp) {
    let service = app.service().await;
    let user = app.user(service, Role::Manager).await;
    app.client(service, &[Permission::ServicesRead]).await;
    app.database.execute("DELETE FROM invitations").unwrap();
    user.post("/v1/invitations", json!({"service_id": service, "role": "professional"})).await.expect(201);
    app.session_of(user.bare_id()).await;
    let id = user.bare_id();
    app.local(move |work| {
        let key = work.vault.authority_key();
        Ok(passerelle::auth::revoke(work.conn, &mut work.later, key, id.as_str(), work.now)?)
    })
    .await;
    let settings = format!("/v1/services/{service}/statistics-settings");
    user.patch(&settings, json!({"open_threshold": 20, "reason": "Un petit département."})).await.expect(200);
    app.local(move |work| {
        let row = passerelle::accounts::users::ops::find(work, &passerelle::auth::ServiceScope::All, id)?;
        passerelle::accounts::users::resets::begin(work, &passerelle::auth::ServiceScope::All, &row)
    })
    .await;
}

/// Makes the database one whose rows have no MAC.
fn make_earlier(app: &TestApp) {
    for (table, _) in COVERED {
        app.database.execute(&format!("UPDATE {table} SET mac = NULL")).unwrap();
    }
    let mut check = String::new();
    for byte in app.context().vault.check() {
        write!(check, "{byte:02x}").unwrap();
    }
    by_hand(app, &format!("UPDATE deployment SET master_key_check = {}", bytes(app, &check)));
}

/// What a start does to a database of an earlier version.
fn vouch(app: &TestApp) -> Result<(), passerelle::startup::StartupError> {
    let context = app.context();
    // It blocks on the database, so it runs outside the event loop.
    std::thread::scope(|scope| {
        scope
            .spawn(|| {
                vouch_for_rows(context)?;
                context.reload_keys_blocking().unwrap();
                Ok(())
            })
            .join()
            .unwrap()
    })
}

/// Lets a connection write what refers to nothing.
fn ignore_references(conn: &mut AnyConn) {
    let sql = match conn {
        AnyConn::Pg(_) => "SET session_replication_role = replica",
        AnyConn::Sqlite(_) => "PRAGMA foreign_keys = OFF",
    };
    diesel::connection::SimpleConnection::batch_execute(conn, sql).unwrap();
}

fn begin(conn: &mut AnyConn) {
    diesel::connection::SimpleConnection::batch_execute(conn, "BEGIN").unwrap();
}

fn roll_back(conn: &mut AnyConn) {
    diesel::connection::SimpleConnection::batch_execute(conn, "ROLLBACK").unwrap();
}
