//! Opening connections: r2d2's `ManageConnection` over the two engines.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionError, PgConnection, SqliteConnection};

use super::conn::AnyConn;
use super::file::OpenLock;
use super::slow::SlowQueries;
use super::url::DatabaseUrl;

/// Opens connections to the engine of the URL.
#[derive(Debug)]
pub(super) struct Manager {
    url: DatabaseUrl,
    slow_after: Duration,
    /// Statements sent on all connections.
    statements: Arc<AtomicU64>,
}

impl Manager {
    pub(super) fn new(url: DatabaseUrl, slow_after: Duration) -> Self {
        Self { url, slow_after, statements: Arc::default() }
    }

    /// The counter of the statements sent on all connections.
    pub(super) fn statements(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.statements)
    }

    /// Opens one connection, with the settings that every connection of the program has.
    pub(super) fn open(&self) -> Result<AnyConn, ConnectionError> {
        let mut conn = match &self.url {
            DatabaseUrl::Postgres(url) => {
                // GSS negotiation costs a round trip and makes the program crash at exit on some hosts.
                let separator = if url.contains('?') { '&' } else { '?' };
                let url = if url.contains("gssencmode") {
                    url.clone()
                } else {
                    format!("{url}{separator}gssencmode=disable&connect_timeout=5")
                };
                let mut conn = PgConnection::establish(&url)?;
                conn.batch_execute("SET TIME ZONE 'UTC'; SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s'")
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
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
                    "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
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

impl r2d2::ManageConnection for Manager {
    type Connection = AnyConn;
    type Error = r2d2::Error;

    fn connect(&self) -> Result<AnyConn, r2d2::Error> {
        self.open().map_err(r2d2::Error::ConnectionError)
    }

    /// Not called on check-out (`test_on_check_out(false)`): that gives 20–28 % more reads per second on PostgreSQL.
    fn is_valid(&self, conn: &mut AnyConn) -> Result<(), r2d2::Error> {
        conn.ping().map_err(r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut AnyConn) -> bool {
        use diesel::r2d2::R2D2Connection;
        std::thread::panicking() || conn.is_broken()
    }
}

use diesel::r2d2;
