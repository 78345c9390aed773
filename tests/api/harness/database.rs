//! A database for each test, copied from a template that is migrated once per process.
//!
//! For SQLite the template is the bytes of a file. For PostgreSQL it is a database, copied with `CREATE DATABASE …
//! TEMPLATE` on the server of `PASSERELLE_TEST_POSTGRES_URL`. The names of the databases contain the number of the run,
//! and the run holds an advisory lock on this number. The next run drops the databases that a killed run has left.
//!
//! On PostgreSQL two roles have the databases: [`OWNER`] owns and migrates them, and the program under test is [`RUNTIME`],
//! which owns nothing. Neither is a superuser, so the whole suite runs behind row-level security. What a test does besides
//! the program it does as the superuser of the server.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use passerelle::clock::Clock;
use passerelle::db::each;
use passerelle::db::{AnyConn, DatabaseUrl, Db, DbOptions, migrate_for};
use passerelle::http::Context;
use passerelle::privacy::Vault;
use tempfile::TempDir;

use super::{MASTER_KEY, PUBLIC_URL, START, options};

/// The two database engines of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// The database of one test. Dropping this value removes it.
pub enum Database {
    Sqlite { directory: TempDir },
    Postgres { name: String, role: &'static str },
}

/// The role that owns the databases of the tests, and migrates them.
pub const OWNER: &str = "passerelle_test_owner";

/// The role of the program under test.
pub const RUNTIME: &str = "passerelle_test_runtime";

/// The password of both.
const ROLE_PASSWORD: &str = "passerelle";

impl Database {
    /// A migrated database on which the program has started once, so that its keys exist.
    pub fn from_template(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                static TEMPLATE: LazyLock<Vec<u8>> = LazyLock::new(sqlite_template);
                let database = Self::empty(engine);
                std::fs::write(database.sqlite_file(), &*TEMPLATE).unwrap();
                database
            }
            Engine::Postgres => {
                static TEMPLATE: LazyLock<String> = LazyLock::new(postgres_template);
                let template = &*TEMPLATE;
                Self::create_postgres(&format!("TEMPLATE {template}"), RUNTIME)
            }
        }
    }

    /// A database without any table. On PostgreSQL the program is its owner, and so creates them.
    pub fn empty(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::Sqlite { directory: tempfile::tempdir().unwrap() },
            Engine::Postgres => Self::create_postgres("", OWNER),
        }
    }

    /// A copy of the database, as a backup is. On PostgreSQL no program may be connected to it.
    pub fn copy(&self) -> Self {
        match self {
            Self::Sqlite { .. } => {
                let copy = Self::empty(Engine::Sqlite);
                self.execute(&format!("VACUUM INTO '{}'", copy.sqlite_file().display())).unwrap();
                copy
            }
            Self::Postgres { name, role } => Self::create_postgres(&format!("TEMPLATE {name}"), role),
        }
    }

    fn create_postgres(how: &str, role: &'static str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("{}_{}", RUN.prefix(), COUNT.fetch_add(1, Ordering::Relaxed));
        RUN.execute(&format!("CREATE DATABASE {name} OWNER {OWNER} {how}"));
        Self::Postgres { name, role }
    }

    /// Its URL, for the program.
    pub fn url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.address()).unwrap()
    }

    /// Its URL as text, for `DATABASE_URL`.
    pub fn address(&self) -> String {
        match self {
            Self::Sqlite { .. } => format!("sqlite:{}", self.sqlite_file().display()),
            Self::Postgres { name, role } => postgres_url_as(role, name),
        }
    }

    /// Its URL for the role that may change the tables.
    pub fn owner_url(&self) -> DatabaseUrl {
        self.url_as(OWNER)
    }

    /// Its URL for a role of PostgreSQL.
    pub fn url_as(&self, role: &str) -> DatabaseUrl {
        match self {
            Self::Sqlite { .. } => self.url(),
            Self::Postgres { name, .. } => DatabaseUrl::parse(&postgres_url_as(role, name)).unwrap(),
        }
    }

    /// The engine.
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite { .. } => Engine::Sqlite,
            Self::Postgres { .. } => Engine::Postgres,
        }
    }

    /// The directory with all files of SQLite.
    pub fn sqlite_directory(&self) -> &Path {
        match self {
            Self::Sqlite { directory } => directory.path(),
            Self::Postgres { .. } => panic!("a database of PostgreSQL has no directory here"),
        }
    }

    /// The file of SQLite.
    pub fn sqlite_file(&self) -> PathBuf {
        self.sqlite_directory().join("passerelle.sqlite3")
    }

    /// A new connection, besides those of the program: of a superuser, who sees every row.
    pub fn connect(&self) -> AnyConn {
        match self {
            Self::Sqlite { .. } => {
                let mut conn = SqliteConnection::establish(&self.sqlite_file().to_string_lossy()).unwrap();
                conn.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON").unwrap();
                AnyConn::Sqlite(conn)
            }
            Self::Postgres { name, .. } => AnyConn::Pg(connect_postgres(&postgres_url(name))),
        }
    }

    /// A new connection of a role of PostgreSQL, without a scope.
    pub fn connect_as(&self, role: &str) -> AnyConn {
        match self {
            Self::Sqlite { .. } => self.connect(),
            Self::Postgres { name, .. } => AnyConn::Pg(connect_postgres(&postgres_url_as(role, name))),
        }
    }

    /// Executes a statement, for changes that the API does not allow.
    pub fn execute(&self, sql: &str) -> QueryResult<usize> {
        diesel::sql_query(sql).execute(&mut self.connect())
    }

    /// The texts of a query of one text column named `text`.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        texts(&mut self.connect(), sql)
    }

    /// The sorted names of the tables, except the list of migrations.
    pub fn tables(&self) -> Vec<String> {
        let all = match self {
            Self::Sqlite { .. } => self.texts(
                "SELECT name AS text FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
            ),
            Self::Postgres { .. } => self.texts(
                "SELECT table_name::text AS text FROM information_schema.tables WHERE table_schema = 'public'",
            ),
        };
        let mut tables: Vec<String> = all.into_iter().filter(|name| name != "__diesel_schema_migrations").collect();
        tables.sort();
        tables
    }

    /// The number of rows of a table.
    pub fn count(&self, table: &str) -> i64 {
        let count = self.texts(&format!("SELECT CAST(count(*) AS TEXT) AS text FROM {table}"));
        count[0].parse().unwrap()
    }

    /// The number of rows of each table: equal before and after a refused write, except for the journal, which records
    /// the refusal.
    pub fn counts(&self) -> Vec<(String, i64)> {
        self.counter().counts()
    }

    /// Counts the rows of each table again and again, on one connection.
    pub fn counter(&self) -> Counter {
        let tables = self.tables().into_iter().filter(|table| !of_journal(table));
        // One statement: a statement per table would take longer than the rest of the test.
        let count = |table: String| format!("SELECT '{table} ' || CAST(count(*) AS TEXT) AS text FROM {table}");
        let sql = tables.map(count).collect::<Vec<_>>().join(" UNION ALL ");
        Counter { conn: RefCell::new(self.connect()), sql }
    }
}

/// A connection that counts the rows of each table.
pub struct Counter {
    conn: RefCell<AnyConn>,
    sql: String,
}

impl Counter {
    /// The number of rows of each table, by name.
    pub fn counts(&self) -> Vec<(String, i64)> {
        let counted = texts(&mut self.conn.borrow_mut(), &self.sql);
        let counts = counted.iter().filter_map(|row| row.split_once(' '));
        let mut counts: Vec<_> = counts.map(|(table, number)| (table.to_owned(), number.parse().unwrap())).collect();
        counts.sort();
        counts
    }
}

/// Whether reads and refusals add rows to a table.
fn of_journal(table: &str) -> bool {
    ["audit_events", "audit_objects"].contains(&table)
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres { name, .. } = self {
            RUN.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

#[derive(QueryableByName)]
struct TextRow {
    #[diesel(sql_type = Text)]
    text: String,
}

/// The texts of a query of one text column named `text`.
pub fn texts(conn: &mut AnyConn, sql: &str) -> Vec<String> {
    let rows: Vec<TextRow> = each!(conn, c => diesel::sql_query(sql).load(c)).unwrap();
    rows.into_iter().map(|row| row.text).collect()
}

/// Migrates an empty database and starts on it once.
fn prepare(database: &Database) {
    let role = Some(RUNTIME).filter(|_| database.engine() == Engine::Postgres);
    migrate_for(&database.owner_url(), role).unwrap();
    let url = &database.url_as(RUNTIME);
    let clock = Clock::manual(START.parse().unwrap());
    // One connection: if a pool is dropped while it opens another, it keeps all its connections until that one is open,
    // and CREATE DATABASE … TEMPLATE would wait for them.
    let db = Db::open(url, &DbOptions { connections: 1, ..options() }).unwrap();
    drop(Context::new(db, Vault::new(&MASTER_KEY).unwrap(), clock, PUBLIC_URL).unwrap());
}

fn sqlite_template() -> Vec<u8> {
    let database = Database::empty(Engine::Sqlite);
    prepare(&database);
    // A single file without a WAL, even if a connection is still closing.
    let copy = database.sqlite_directory().join("copy");
    database.execute(&format!("VACUUM INTO '{}'", copy.display())).unwrap();
    std::fs::read(copy).unwrap()
}

fn postgres_template() -> String {
    let name = format!("{}_template", RUN.prefix());
    RUN.execute(&format!("CREATE DATABASE {name} OWNER {OWNER}"));
    // Not dropped: the databases of the tests are copies of it.
    let database = std::mem::ManuallyDrop::new(Database::Postgres { name: name.clone(), role: RUNTIME });
    prepare(&database);
    name
}

/// The current test run on the PostgreSQL server.
static RUN: LazyLock<Run> = LazyLock::new(Run::begin);

struct Run {
    number: i64,
    /// Open as long as the process lives: its advisory lock marks the run as active.
    conn: Mutex<PgConnection>,
}

impl Run {
    fn begin() -> Self {
        let mut conn = connect_postgres(&server_url());
        let nanos = chrono::Utc::now().timestamp_subsec_nanos();
        let number = (i64::from(std::process::id()) << 30) | i64::from(nanos);
        assert!(lock(&mut conn, number), "two runs of one number");
        sweep(&mut conn);
        create_roles(&mut conn);
        Self { number, conn: Mutex::new(conn) }
    }

    fn prefix(&self) -> String {
        format!("passerelle_test_{}", self.number)
    }

    fn execute(&self, sql: &str) {
        let mut conn = self.conn.lock().unwrap_or_else(PoisonError::into_inner);
        conn.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// Creates the roles of the tests, which a server keeps. Another run may do it concurrently.
fn create_roles(conn: &mut PgConnection) {
    for role in [OWNER, RUNTIME] {
        let create = format!(
            "DO $$ BEGIN CREATE ROLE {role} LOGIN PASSWORD '{ROLE_PASSWORD}'; \
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        );
        conn.batch_execute(&create).unwrap();
    }
}

/// Drops the databases of runs that have ended: no process holds the lock of their number.
fn sweep(conn: &mut PgConnection) {
    let sql = "SELECT datname::text AS text FROM pg_database WHERE datname LIKE 'passerelle\\_test\\_%'";
    let names: Vec<TextRow> = diesel::sql_query(sql).load(conn).unwrap();
    for name in names.into_iter().map(|row| row.text) {
        let number = name.split('_').nth(2).and_then(|number| number.parse().ok());
        let Some(number) = number else { continue };
        if lock(conn, number) {
            // Another run may drop it concurrently.
            let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            diesel::sql_query("SELECT pg_advisory_unlock($1)").bind::<BigInt, _>(number).execute(conn).unwrap();
        }
    }
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

fn lock(conn: &mut PgConnection, number: i64) -> bool {
    let query = diesel::sql_query("SELECT pg_try_advisory_lock($1) AS locked").bind::<BigInt, _>(number);
    query.get_result::<Locked>(conn).unwrap().locked
}

fn connect_postgres(url: &str) -> PgConnection {
    PgConnection::establish(url).unwrap_or_else(|error| panic!("no connection to {url}: {error}"))
}

fn server_url() -> String {
    std::env::var("PASSERELLE_TEST_POSTGRES_URL").unwrap_or_else(|_| {
        panic!("PASSERELLE_TEST_POSTGRES_URL is not set: run scripts/test, or scripts/with-postgres cargo test")
    })
}

/// The URL of the server with another database and another role.
fn postgres_url_as(role: &str, database: &str) -> String {
    let url = postgres_url(database);
    let (scheme, rest) = url.split_once("://").expect("postgres://host/database");
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://{role}:{ROLE_PASSWORD}@{host}")
}

/// The URL of the server with another database.
fn postgres_url(database: &str) -> String {
    let server = server_url();
    let (server, parameters) = server.split_once('?').unwrap_or((&server, "gssencmode=disable"));
    let (scheme, rest) = server.split_once("://").expect("postgres://host/database");
    let host = rest.split('/').next().unwrap_or_default();
    format!("{scheme}://{host}/{database}?{parameters}")
}
