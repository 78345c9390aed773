//! One connection type over the two engines, chosen at run time.

use diesel::sql_types::{BigInt, Bool, Integer, Text};
use diesel::{Connection, PgConnection, QueryResult, QueryableByName, RunQueryDsl, SqliteConnection};

use passerelle_base::values::Id;

/// A connection to either engine.
///
/// The `establish` of the derive is never used: it tries one variant after the other, and SQLite accepts any
/// string as a path, so a mistyped `postgres` URL would silently open a file. [`super::DatabaseUrl`]
/// decides instead.
#[derive(diesel::MultiConnection)]
pub enum AnyConn {
    /// PostgreSQL, or an engine that speaks its protocol.
    Pg(PgConnection),
    /// The embedded engine.
    Sqlite(SqliteConnection),
}

/// Runs the same body on the concrete connection of either variant. For what `MultiConnection` cannot express (upsert,
/// batch insert).
#[macro_export]
macro_rules! each {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::AnyConn::Pg($c) => $body,
            $crate::AnyConn::Sqlite($c) => $body,
        }
    };
}

/// A lock of the database: one transaction at a time holds it.
#[derive(Clone, Copy, Debug)]
pub enum Lock {
    /// Numbering the changes of the feed.
    Publish = 1,
    /// Adding links to the hash chain of the audit journal.
    Chain = 2,
    /// Deleting expired rows.
    Sweep = 3,
    /// Removing an administrator. Without the lock, two administrators who remove each other would leave none.
    Administrators = 4,
    /// Changing the plan of one kit. See [`AnyConn::lock_one`].
    Kit = 5,
    /// Changing the contribution of one convention, or signing it. See [`AnyConn::lock_one`].
    Convention = 7,
    /// Changing the boundary changes that one service has recorded. See [`AnyConn::lock_one`].
    Boundaries = 8,
    /// Changing the seats of one collective action, or what their number depends on. See [`AnyConn::lock_one`].
    Action = 6,
    /// Recording the attendances of the referents of one service. See [`AnyConn::lock_one`].
    Referents = 9,
    /// Changing the records or the specifications of the statistics of one service. See [`AnyConn::lock_one`].
    Statistics = 10,
    /// Changing one instalment or its payments. See [`AnyConn::lock_one`].
    Instalment = 11,
    /// Opening or reopening the case of one child. See [`AnyConn::lock_one`].
    Child = 12,
    /// Giving a SIRET or FINESS number in the directory of one service. See [`AnyConn::lock_one`].
    Directory = 13,
    /// Adding a funder to one service. See [`AnyConn::lock_one`].
    Funding = 14,
    /// Giving years to a convention of one service. See [`AnyConn::lock_one`].
    ConventionYears = 15,
    /// Recording a referral with one external identifier. See [`AnyConn::lock_text`].
    ExternalId = 16,
    /// Creating the account with one e-mail address. See [`AnyConn::lock_text`].
    Email = 17,
}

impl Lock {
    /// The key of the advisory lock: "pass" in ASCII, then the number of the lock.
    const fn key(self) -> i64 {
        0x7061_7373_0000_0000 | self as i64
    }
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

impl AnyConn {
    /// Makes SQLite sample the tables that have grown or that it has no statistics about. Without statistics, SQLite
    /// may prefer an index that gives the order to an index that finds the rows. PostgreSQL does this automatically.
    pub fn refresh_statistics(&mut self) -> QueryResult<()> {
        match self {
            Self::Pg(_) => Ok(()),
            // All tables, not only those that this connection has queried.
            Self::Sqlite(c) => diesel::connection::SimpleConnection::batch_execute(c, "PRAGMA optimize = 0x10002"),
        }
    }

    /// Waits for a lock. The end of the transaction releases it. SQLite has one writer at a time, so a write
    /// transaction holds every lock there.
    pub fn lock(&mut self, lock: Lock) -> QueryResult<()> {
        match self {
            Self::Pg(pg) => diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
                .bind::<BigInt, _>(lock.key())
                .execute(pg)
                .map(drop),
            Self::Sqlite(_) => Ok(()),
        }
    }

    /// [`Self::lock`] for one object: one lock per object. Two objects share a lock with a probability of one in four
    /// thousand million. The only effect is that one waits for the other.
    pub fn lock_one(&mut self, lock: Lock, object: Id) -> QueryResult<()> {
        self.lock_text(lock, object.as_str())
    }

    /// [`Self::lock_one`] for something that a text identifies.
    pub fn lock_text(&mut self, lock: Lock, text: &str) -> QueryResult<()> {
        match self {
            Self::Pg(pg) => diesel::sql_query("SELECT pg_advisory_xact_lock($1, hashtext($2))")
                .bind::<Integer, _>(lock as i32)
                .bind::<Text, _>(text)
                .execute(pg)
                .map(drop),
            Self::Sqlite(_) => Ok(()),
        }
    }

    /// [`Self::lock`] without waiting: false if another transaction holds the lock.
    pub fn try_lock(&mut self, lock: Lock) -> QueryResult<bool> {
        match self {
            Self::Pg(pg) => diesel::sql_query("SELECT pg_try_advisory_xact_lock($1) AS taken")
                .bind::<BigInt, _>(lock.key())
                .get_result::<Taken>(pg)
                .map(|row| row.taken),
            Self::Sqlite(_) => Ok(true),
        }
    }

    /// Executes a statement without parameters on either engine.
    pub(super) fn batch(&mut self, sql: &str) -> QueryResult<()> {
        use diesel::connection::SimpleConnection;
        self.batch_execute(sql)
    }

    /// Begins a write transaction, runs `f`, and commits if it succeeded.
    ///
    /// SQLite begins IMMEDIATE: a deferred transaction that reads and then writes fails with
    /// "database is locked" if another connection writes in between. A use case must not begin a transaction:
    /// diesel does not know about this one, and would begin it again.
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

    /// Sets a savepoint: what follows can be rolled back alone.
    pub fn savepoint(&mut self) -> QueryResult<()> {
        self.batch("SAVEPOINT part")
    }

    /// Ends the latest savepoint: releases it, or rolls back to it.
    pub fn end_savepoint(&mut self, keep: bool) -> QueryResult<()> {
        self.batch(if keep { "RELEASE SAVEPOINT part" } else { "ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part" })
    }

    /// The name of the engine, as the conformance document gives it.
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Pg(_) => "postgresql",
            Self::Sqlite(_) => "sqlite",
        }
    }

    /// Queries one row. For the readiness probe.
    pub fn ping(&mut self) -> QueryResult<()> {
        diesel::sql_query("SELECT 1").execute(self).map(drop)
    }
}
