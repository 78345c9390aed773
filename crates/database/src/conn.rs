//! One connection type over the two engines, chosen at run time.

use diesel::sql_types::{BigInt, Bool, Integer, Text};
use diesel::{Connection, PgConnection, QueryResult, QueryableByName, RunQueryDsl, SqliteConnection};

use passerelle_base::values::Id;

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
            $crate::AnyConn::Pg($c) => $body,
            $crate::AnyConn::Sqlite($c) => $body,
        }
    };
}

/// Work of which the database lets one transaction at a time do each.
#[derive(Clone, Copy, Debug)]
pub enum Lock {
    /// Numbering the changes of the feed.
    Publish = 1,
    /// Chaining the audit journal.
    Chain = 2,
    /// Forgetting what has expired.
    Sweep = 3,
    /// Taking an administrator away: two who take each other away would leave none.
    Administrators = 4,
    /// Changing the plan of one kit: see [`AnyConn::lock_one`].
    Kit = 5,
    /// What one convention costs, and whether it is signed: see [`AnyConn::lock_one`].
    Convention = 7,
    /// The boundary changes that one service knows: see [`AnyConn::lock_one`].
    Boundaries = 8,
    /// Changing the seats of one collective action, or what they depend on.
    Action = 6,
    /// Recording what the referents of one service attended.
    Referents = 9,
    /// The records and specifications of the statistics of one service: see [`AnyConn::lock_one`].
    Statistics = 10,
}

impl Lock {
    /// The key of its advisory lock: "pass", then its number.
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
    /// Has SQLite look at tables that have grown or that it knows nothing of, a sample of each: without it, it may prefer
    /// an index that gives the order to the one that finds the rows. PostgreSQL does it by itself.
    pub fn refresh_statistics(&mut self) -> QueryResult<()> {
        match self {
            Self::Pg(_) => Ok(()),
            // All tables, not only those that this connection has asked about.
            Self::Sqlite(c) => diesel::connection::SimpleConnection::batch_execute(c, "PRAGMA optimize = 0x10002"),
        }
    }

    /// Waits for a lock that the end of the transaction gives back. SQLite has one writer at a time: who
    /// writes holds every lock.
    pub fn lock(&mut self, lock: Lock) -> QueryResult<()> {
        match self {
            Self::Pg(pg) => diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
                .bind::<BigInt, _>(lock.key())
                .execute(pg)
                .map(drop),
            Self::Sqlite(_) => Ok(()),
        }
    }

    /// [`Self::lock`] of one object among many. Two objects share a lock once in four thousand million: they wait for each
    /// other then, and nothing else.
    pub fn lock_one(&mut self, lock: Lock, object: Id) -> QueryResult<()> {
        match self {
            Self::Pg(pg) => diesel::sql_query("SELECT pg_advisory_xact_lock($1, hashtext($2))")
                .bind::<Integer, _>(lock as i32)
                .bind::<Text, _>(object)
                .execute(pg)
                .map(drop),
            Self::Sqlite(_) => Ok(()),
        }
    }

    /// [`Self::lock`] for who has no need to wait: false when somebody else holds it.
    pub fn try_lock(&mut self, lock: Lock) -> QueryResult<bool> {
        match self {
            Self::Pg(pg) => diesel::sql_query("SELECT pg_try_advisory_xact_lock($1) AS taken")
                .bind::<BigInt, _>(lock.key())
                .get_result::<Taken>(pg)
                .map(|answer| answer.taken),
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
    pub fn savepoint(&mut self) -> QueryResult<()> {
        self.batch("SAVEPOINT part")
    }

    /// Ends the latest part, keeping it or not.
    pub fn end_savepoint(&mut self, keep: bool) -> QueryResult<()> {
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
