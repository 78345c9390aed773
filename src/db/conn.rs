//! One connection type over the two engines, chosen at run time.

use diesel::{Connection, PgConnection, QueryResult, RunQueryDsl, SqliteConnection};

/// A connection to either engine.
///
/// The derive's own `establish` is never used: it tries the variants in turn, and SQLite accepts any
/// string as a path, so a mistyped `postgres` URL would silently open a file. [`super::DatabaseUrl`]
/// decides instead.
#[derive(diesel::MultiConnection)]
pub enum AnyConn {
    /// PostgreSQL, or an engine that speaks its protocol.
    Pg(PgConnection),
    /// The embedded engine.
    Sqlite(SqliteConnection),
}

/// Runs the same body on the concrete connection of either arm: for what `MultiConnection` cannot
/// express (upsert, batch insert).
#[macro_export]
macro_rules! each {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::db::AnyConn::Pg($c) => $body,
            $crate::db::AnyConn::Sqlite($c) => $body,
        }
    };
}

impl AnyConn {
    /// Executes a statement without parameters on either engine.
    pub(super) fn batch(&mut self, sql: &str) -> QueryResult<()> {
        use diesel::connection::SimpleConnection;
        self.batch_execute(sql)
    }

    /// Begins a write transaction, runs `f`, and commits if it succeeded.
    ///
    /// SQLite begins IMMEDIATE: a deferred transaction that reads and then writes fails with
    /// "database is locked" as soon as another writer slips in between. A use case begins no transaction
    /// of its own: diesel does not know of this one, and would begin it again.
    pub fn write_transaction<T, E>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<diesel::result::Error>,
    {
        match self {
            Self::Pg(_) => self.transaction(f),
            Self::Sqlite(_) => {
                self.batch("BEGIN IMMEDIATE")?;
                match f(self) {
                    Ok(value) => {
                        if let Err(error) = self.batch("COMMIT") {
                            let _ = self.batch("ROLLBACK");
                            return Err(error.into());
                        }
                        Ok(value)
                    }
                    Err(error) => {
                        self.batch("ROLLBACK")?;
                        Err(error)
                    }
                }
            }
        }
    }

    /// Begins a part of a transaction that can be undone alone.
    pub(crate) fn savepoint(&mut self) -> QueryResult<()> {
        self.batch("SAVEPOINT part")
    }

    /// Ends the latest part, keeping it or not.
    pub(crate) fn end_savepoint(&mut self, keep: bool) -> QueryResult<()> {
        self.batch(if keep { "RELEASE SAVEPOINT part" } else { "ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part" })
    }

    /// The engine's name as the conformance document gives it.
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Pg(_) => "postgresql",
            Self::Sqlite(_) => "sqlite",
        }
    }

    /// Asks the engine for one row: the readiness probe.
    pub fn ping(&mut self) -> QueryResult<()> {
        diesel::sql_query("SELECT 1").execute(self).map(drop)
    }
}
