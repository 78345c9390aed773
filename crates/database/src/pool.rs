//! Opening connections: r2d2's `ManageConnection` over the two engines.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::r2d2;
use diesel::{Connection, ConnectionError, PgConnection, QueryResult, SqliteConnection};

use super::conn::AnyConn;
use super::errors::one_line;
use super::file::OpenLock;
use super::scope::DbScope;
use super::slow::SlowQueries;
use super::url::{self, DatabaseUrl};

/// A connection that was idle for longer than this is tested before it is used: a firewall may have cut it.
const TEST_AFTER: Duration = Duration::from_secs(30);

/// How long a task waits for a connection while the server cannot be reached.
pub(super) const WAIT_IF_UNREACHABLE: Duration = Duration::from_millis(50);

/// Settings of each PostgreSQL session. `lock_timeout`: one locked row must not occupy all connections.
const SESSION: &str = "SET TIME ZONE 'UTC'; SET statement_timeout = '30s'; SET lock_timeout = '2s'; \
                       SET idle_in_transaction_session_timeout = '60s'";

/// Messages in English, by which failures are known. Only a superuser or a role with the privilege to set the parameter may
/// do so; for others it has no effect.
const PREFER_ENGLISH: &str =
    "DO $$ BEGIN SET lc_messages = 'C'; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$";

/// Opens connections to the engine of the URL.
#[derive(Clone, Debug)]
pub(super) struct Manager {
    url: DatabaseUrl,
    slow_after: Duration,
    reachable: Arc<Reachable>,
    /// Statements sent on all connections.
    statements: Arc<AtomicU64>,
}

/// Whether the last attempt to connect succeeded.
#[derive(Debug)]
pub(super) struct Reachable(AtomicBool);

impl Reachable {
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Manager {
    pub(super) fn new(url: DatabaseUrl, slow_after: Duration) -> Self {
        Self { url, slow_after, reachable: Arc::new(Reachable(AtomicBool::new(true))), statements: Arc::default() }
    }

    /// Whether the server can be reached, as the pool learns it.
    pub(super) fn reachable(&self) -> Arc<Reachable> {
        Arc::clone(&self.reachable)
    }

    /// The counter of the statements sent on all connections.
    pub(super) fn statements(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.statements)
    }

    /// Opens one connection, with the settings that every connection of the program has.
    pub(super) fn open(&self) -> Result<AnyConn, ConnectionError> {
        let mut conn = match &self.url {
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::establish(&url::with_defaults(url))?;
                conn.batch_execute(SESSION).map_err(ConnectionError::CouldntSetupConfiguration)?;
                // An engine without PL/pgSQL refuses it; its messages are in English.
                let _ = conn.batch_execute(PREFER_ENGLISH);
                AnyConn::Pg(conn)
            }
            DatabaseUrl::Sqlite(path) => {
                let _lock =
                    OpenLock::acquire(path).map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
                let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
                // synchronous=FULL: an acknowledged write is on disk. secure_delete: erased personal data does not stay
                // in free pages. cache_size: 1 MiB per connection, half of SQLite's default, because the operating
                // system caches the file once for all connections.
                conn.batch_execute(
                    "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF; \
                     PRAGMA cache_size = -1024",
                )
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
                AnyConn::Sqlite(conn)
            }
        };
        conn.set_instrumentation(SlowQueries::new(self.slow_after, self.statements()));
        Ok(conn)
    }
}

/// A connection of the pool, with the time of its last use.
pub(super) struct Pooled {
    conn: AnyConn,
    used_at: Instant,
    /// The scope of the session, which is also that of its single statements.
    scope: Option<DbScope>,
}

impl Pooled {
    /// Gives the session a scope, if the work depends on it. Costs a round trip if the session has another one.
    pub(super) fn enter(&mut self, scope: &DbScope) -> QueryResult<()> {
        if let AnyConn::Pg(pg) = &mut self.conn
            && self.scope.as_ref() != Some(scope)
            && !scope.is_of_deployment()
        {
            // Nobody knows the scope if this fails.
            self.scope = None;
            pg.batch_execute(&scope.set())?;
            self.scope = Some(scope.clone());
        }
        Ok(())
    }
}

impl Deref for Pooled {
    type Target = AnyConn;

    fn deref(&self) -> &AnyConn {
        &self.conn
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut AnyConn {
        &mut self.conn
    }
}

impl r2d2::ManageConnection for Manager {
    type Connection = Pooled;
    type Error = r2d2::Error;

    fn connect(&self) -> Result<Pooled, r2d2::Error> {
        let opened = self.open();
        self.reachable.0.store(opened.is_ok(), Ordering::Relaxed);
        let conn = opened.map_err(r2d2::Error::ConnectionError)?;
        Ok(Pooled { conn, used_at: Instant::now(), scope: None })
    }

    /// Tests a connection that was idle for long. Testing at each use would cost a round trip.
    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), r2d2::Error> {
        if pooled.used_at.elapsed() < TEST_AFTER {
            return Ok(());
        }
        pooled.conn.ping().map_err(r2d2::Error::QueryError)
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        use diesel::r2d2::R2D2Connection;
        pooled.used_at = Instant::now();
        std::thread::panicking() || pooled.conn.is_broken()
    }
}

/// Logs the first of consecutive equal failures to connect: the pool retries twice a second.
#[derive(Debug, Default)]
pub(super) struct LogFirst(std::sync::Mutex<Option<(Instant, String)>>);

impl r2d2::HandleError<r2d2::Error> for LogFirst {
    fn handle_error(&self, error: r2d2::Error) {
        const AGAIN_AFTER: Duration = Duration::from_secs(30);
        let text = one_line(&error.to_string());
        let Ok(mut last) = self.0.lock() else { return };
        if last.as_ref().is_none_or(|(at, known)| *known != text || at.elapsed() > AGAIN_AFTER) {
            log::error!("no database connection: {text}");
            *last = Some((Instant::now(), text));
        }
    }
}
