//! The embedded migrations. A lock serialises them, so that two instances may start at the same time.

use diesel::migration::MigrationSource;
use diesel::result::Error as DieselError;
use diesel::sql_types::Text;
use diesel::{QueryResult, QueryableByName, RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::DbOptions;
use super::check;
use super::conn::AnyConn;
use super::errors::{one_line, unreachable};
use super::pool::Manager;
use super::scope::{DbScope, SystemScope};
use super::url::DatabaseUrl;
use super::walls::{Role, grants, policies};
use crate::each;
use passerelle_base::startup::StartupError;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// PostgreSQL advisory lock that serialises migrations. Any constant would do: this one is "passerel" in ASCII.
const MIGRATION_LOCK: i64 = 0x7061_7373_6572_656c;

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// Brings the database to this program's schema and applies the engine's guards.
///
/// Returns the versions that were applied. Fails if the database does not accept writes, or has a migration that this
/// program does not know: a newer program wrote it.
pub fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, StartupError> {
    migrate_for(url, None)
}

/// [`migrate`] as the owner of the tables, for another role that serves. The role gets its privileges. The roles that got
/// them before get those of the new tables.
pub fn migrate_for(url: &DatabaseUrl, role: Option<&str>) -> Result<Vec<String>, StartupError> {
    with_conn(url, |conn| {
        let applied = conn.run_pending_migrations(MIGRATIONS)?.iter().map(ToString::to_string).collect();
        conn.batch(guards(conn))?;
        if let AnyConn::Pg(_) = conn {
            policies::apply(conn)?;
            let mut roles = grants::earlier(conn)?;
            if let Some(role) = role {
                let quoted = grants::quoted_role(conn, role)?;
                roles.push(quoted.ok_or_else(|| format!("there is no role {role}: create it first"))?);
            }
            roles.sort();
            roles.dedup();
            for role in roles {
                grants::give(conn, &role)?;
            }
        }
        Ok(applied)
    })
}

/// What a program that is about to serve did with the migrations.
#[derive(Debug)]
pub enum Prepared {
    /// The role of the URL may change the tables: these versions were applied.
    Migrated(Vec<String>),
    /// The role of the URL only reads and writes rows, and the schema is that of this program.
    Checked,
}

/// Migrates, if the role of the URL may. Otherwise the schema must be that of this program: [`migrate_for`] with the URL
/// of the owner comes first. On PostgreSQL a role that owns the tables is warned of.
pub fn prepare(url: &DatabaseUrl) -> Result<Prepared, StartupError> {
    if let DatabaseUrl::Postgres(_) = url {
        let mut conn = open(url)?;
        let role = Role::of(&mut conn).map_err(|error| unreachable(url, &error))?;
        if let Some(role) = role {
            if !role.is_private {
                log::warn!("the connection to {url} is not encrypted (docs/operations.md)");
            }
            if !role.may_migrate {
                return checked(&mut conn, url, &role);
            }
            log::warn!(
                "the role {} serves and may change the tables: another role could only read and write rows (docs/operations.md)",
                role.name
            );
        }
    }
    migrate(url).map(Prepared::Migrated)
}

fn checked(conn: &mut AnyConn, url: &DatabaseUrl, role: &Role) -> Result<Prepared, StartupError> {
    let name = &role.name;
    if !role.has_tables {
        return Err(StartupError::new(format!(
            "the database {url} is empty, and the role {name} may not create tables: run `passerelle migrate` with the URL \
             of the owner in DATABASE_OWNER_URL"
        )));
    }
    check::refuse_read_only(conn, url)?;
    match pending_on(conn)?.len() {
        0 => Ok(Prepared::Checked),
        pending => Err(StartupError::new(format!(
            "the database {url} lacks {pending} migration(s) of this program, and the role {name} does not own its tables: \
             run `passerelle migrate` with the URL of the owner in DATABASE_OWNER_URL"
        ))),
    }
}

/// Reverts every migration, newest first. For the test that applies, reverts and reapplies the migrations.
#[doc(hidden)]
pub fn revert_all(url: &DatabaseUrl) -> Result<(), StartupError> {
    with_conn(url, |conn| {
        // These name a table or a column that goes first.
        conn.batch(match conn {
            AnyConn::Sqlite(_) => {
                "DROP TRIGGER IF EXISTS audit_events_indexed; DROP TRIGGER IF EXISTS audit_events_chained_once"
            }
            AnyConn::Pg(_) => "DROP TRIGGER IF EXISTS audit_events_chained_once ON audit_events",
        })?;
        conn.revert_all_migrations(MIGRATIONS).map(drop)
    })
}

/// The versions that are not applied yet. Fails if the database is newer than this program.
pub fn pending(url: &DatabaseUrl) -> Result<Vec<String>, StartupError> {
    let mut conn = open(url)?;
    refuse_newer(&mut conn)?;
    let pending = conn.pending_migrations(MIGRATIONS);
    let pending = pending.map(|migrations| migrations.iter().map(|migration| migration.name().to_string()).collect());
    pending.map_err(|error| failed(url, &*error))
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

/// [`pending`] on a connection that only reads.
pub fn pending_on(conn: &mut AnyConn) -> Result<Vec<String>, StartupError> {
    let known = known()?;
    let applied = applied(conn)
        .map_err(|error| StartupError::new(format!("the database's schema version is unreadable: {error}")))?;
    refuse_unknown(&known, applied.iter())?;
    Ok(known.into_iter().filter(|version| !applied.contains(version)).collect())
}

/// The versions in the database. diesel's own list would create its table first.
fn applied(conn: &mut AnyConn) -> QueryResult<Vec<String>> {
    if !conn.has_table("__diesel_schema_migrations")? {
        return Ok(Vec::new());
    }
    let rows: Vec<Applied> =
        each!(conn, c => sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version").load(c))?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

/// Opens a separate connection and runs `f` under the migration lock.
fn with_conn<T>(url: &DatabaseUrl, f: impl FnOnce(&mut AnyConn) -> Result<T, AnyError>) -> Result<T, StartupError> {
    let mut conn = open(url)?;
    check::refuse_read_only(&mut conn, url)?;
    let outcome = match &mut conn {
        AnyConn::Pg(_) => {
            // The timeouts of the session would interrupt the wait for another instance's slow migration.
            // The policies hold for the owner too: without a scope, a migration of data would see no row.
            let scope = DbScope::from(SystemScope::Operator).set();
            conn.batch(&format!("SET statement_timeout = 0; SET lock_timeout = 0; {scope}"))
                .map_err(|error| failed(url, &error))?;
            sql_query(format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))
                .execute(&mut conn)
                .map_err(|error| failed(url, &error))?;
            // The end of the session releases the lock, whatever happens.
            refuse_newer(&mut conn)?;
            f(&mut conn)
        }
        AnyConn::Sqlite(c) => {
            // The transactions of the migrations become savepoints of this transaction.
            diesel::connection::SimpleConnection::batch_execute(c, "PRAGMA busy_timeout = 60000")
                .map_err(|error| failed(url, &error))?;
            let mut outcome = None;
            let mut refused = None;
            let done = locked_sqlite(&mut conn, |conn| {
                if let Err(error) = refuse_newer(conn) {
                    refused = Some(error);
                    return Err(DieselError::RollbackTransaction);
                }
                let result = f(conn);
                let keep = result.is_ok();
                outcome = Some(result);
                if keep { Ok(()) } else { Err(DieselError::RollbackTransaction) }
            });
            if let Some(error) = refused {
                return Err(error);
            }
            match (outcome, done) {
                (Some(result), Ok(()) | Err(DieselError::RollbackTransaction)) => result,
                (_, Err(error)) => Err(error.into()),
                (None, Ok(())) => Err("the migration transaction did not run".into()),
            }
        }
    };
    outcome.map_err(|error| failed(url, &*error))
}

/// `BEGIN EXCLUSIVE` through diesel's transaction manager, so that nested transactions are savepoints.
fn locked_sqlite(
    conn: &mut AnyConn,
    f: impl FnOnce(&mut AnyConn) -> Result<(), DieselError>,
) -> Result<(), DieselError> {
    use diesel::connection::{AnsiTransactionManager, TransactionManager};
    let AnyConn::Sqlite(c) = conn else { return f(conn) };
    AnsiTransactionManager::begin_transaction_sql(c, "BEGIN EXCLUSIVE")?;
    let result = f(conn);
    let AnyConn::Sqlite(c) = conn else { return result };
    if result.is_ok() {
        <AnsiTransactionManager as TransactionManager<diesel::SqliteConnection>>::commit_transaction(c)?;
    } else {
        <AnsiTransactionManager as TransactionManager<diesel::SqliteConnection>>::rollback_transaction(c)?;
    }
    result
}

fn open(url: &DatabaseUrl) -> Result<AnyConn, StartupError> {
    Manager::new(url.clone(), DbOptions::default().slow_after).open().map_err(|error| unreachable(url, &error))
}

fn refuse_newer(conn: &mut AnyConn) -> Result<(), StartupError> {
    let applied = conn
        .applied_migrations()
        .map_err(|error| StartupError::new(format!("the database's schema version is unreadable: {error}")))?;
    refuse_unknown(&known()?, applied.iter())
}

/// The versions that this program knows.
fn known() -> Result<Vec<String>, StartupError> {
    let migrations = MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS)
        .map_err(|error| StartupError::new(format!("the embedded migrations are unreadable: {error}")))?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

fn refuse_unknown(known: &[String], applied: impl Iterator<Item = impl ToString>) -> Result<(), StartupError> {
    match applied.map(|version| version.to_string()).find(|version| !known.contains(version)) {
        None => Ok(()),
        Some(version) => Err(StartupError::new(format!(
            "the database has schema {version}, newer than this program knows: start the program that wrote it, or a newer one"
        ))),
    }
}

/// What only one engine supports: append-only triggers, a function. Applied again after the migrations.
fn guards(conn: &AnyConn) -> &'static str {
    match conn {
        AnyConn::Pg(_) => include_str!("guards/postgres.sql"),
        AnyConn::Sqlite(_) => include_str!("guards/sqlite.sql"),
    }
}

fn failed(url: &DatabaseUrl, error: &dyn std::fmt::Display) -> StartupError {
    StartupError::new(format!("the migration of {url} failed: {}", one_line(&error.to_string())))
}
