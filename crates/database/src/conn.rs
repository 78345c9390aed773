//! One connection type over the two engines, chosen at run time.

use std::fmt::Write;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::sql_types::{BigInt, Bool, Integer, Text};
use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl, SqliteConnection};

use super::errors::outcome_unknown;
use super::scope::DbScope;
use passerelle_base::error::{ApiError, DatabaseFailure};
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// Changing one goal or its reviews. See [`AnyConn::lock_one`].
    Goal = 18,
    /// Changing the teams of the cases of one service. See [`AnyConn::lock_one`].
    Teams = 40,
    /// Declaring the absences of one user. See [`AnyConn::lock_one`].
    Absences = 41,
    /// Merging one household, or a child of it. See [`AnyConn::lock_one`].
    Household = 50,
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
    /// Makes SQLite sample its tables. Without statistics, or with those of a much smaller table, SQLite may prefer an
    /// index that gives the order to an index that finds the rows. `PRAGMA optimize` would wait until a table has ten
    /// times its rows. PostgreSQL does this automatically.
    pub fn refresh_statistics(&mut self) -> QueryResult<()> {
        match self {
            Self::Pg(_) => Ok(()),
            // The limit bounds the time: at most this many rows of each index are read.
            Self::Sqlite(_) => self.batch("PRAGMA analysis_limit = 400; ANALYZE"),
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

    /// [`Self::lock_one`] for several objects, in the order given: one message takes them one after the other.
    pub fn lock_all(&mut self, wanted: &[(Lock, Id)]) -> QueryResult<()> {
        let take = |(lock, object): &(Lock, Id)| {
            format!("SELECT pg_advisory_xact_lock({}, hashtext('{object}'))", *lock as i32)
        };
        match self {
            Self::Pg(_) => self.batch(&wanted.iter().map(take).collect::<Vec<_>>().join("; ")),
            Self::Sqlite(_) => Ok(()),
        }
    }

    /// [`Self::lock_one`] for something that a text identifies.
    pub fn lock_text(&mut self, lock: Lock, text: &str) -> QueryResult<()> {
        match self {
            Self::Pg(pg) => {
                let take = diesel::sql_query("SELECT pg_advisory_xact_lock($1, hashtext($2))");
                take.bind::<Integer, _>(lock as i32).bind::<Text, _>(text).execute(pg).map(drop)
            }
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
    ///
    /// If the connection is lost during the commit, nobody knows whether it took effect: `outcome_unknown`.
    ///
    /// On PostgreSQL each wait for a lock of another transaction takes at most `lock_wait`, if it is given. Two waits follow
    /// each other where several transactions wait for one row.
    pub(super) fn write_transaction<T>(
        &mut self,
        scope: &DbScope,
        lock_wait: Option<Duration>,
        f: impl FnOnce(&mut Self) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        self.begin(scope, lock_wait)?;
        self.end_transaction(f)
    }

    fn end_transaction<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, ApiError>) -> Result<T, ApiError> {
        match f(self) {
            Ok(value) => {
                self.commit().map_err(|error| match DatabaseFailure::of(&error) {
                    Some(DatabaseFailure::Disconnected | DatabaseFailure::Storage) => {
                        log::error!("the outcome of a commit is unknown");
                        outcome_unknown()
                    }
                    _ => error.into(),
                })?;
                Ok(value)
            }
            Err(error) => {
                // A lost connection has rolled back already; the error of the use case says more.
                let _ = self.roll_back();
                Err(error)
            }
        }
    }

    /// One message begins the transaction and gives it its settings.
    fn begin(&mut self, scope: &DbScope, lock_wait: Option<Duration>) -> QueryResult<()> {
        match self {
            Self::Pg(pg) => {
                let mut begin = format!("BEGIN; {}", scope.set_local());
                if let Some(wait) = lock_wait {
                    let _ = write!(begin, "; SET LOCAL lock_timeout = '{}ms'", wait.as_millis());
                }
                AnsiTransactionManager::begin_transaction_sql(pg, &begin)
            }
            Self::Sqlite(_) => self.batch("BEGIN IMMEDIATE"),
        }
    }

    fn commit(&mut self) -> QueryResult<()> {
        match self {
            Self::Pg(pg) => AnsiTransactionManager::commit_transaction(pg),
            Self::Sqlite(_) => self.batch("COMMIT").inspect_err(|_| drop(self.batch("ROLLBACK"))),
        }
    }

    fn roll_back(&mut self) -> QueryResult<()> {
        match self {
            Self::Pg(pg) => AnsiTransactionManager::rollback_transaction(pg),
            Self::Sqlite(_) => self.batch("ROLLBACK"),
        }
    }

    /// Sets a savepoint: what follows can be rolled back alone. The end of the transaction releases it: to release it before
    /// would cost a round trip. The number tells apart the savepoints of a transaction.
    pub fn savepoint(&mut self, number: usize) -> QueryResult<()> {
        self.batch(&format!("SAVEPOINT part{number}"))
    }

    /// Rolls back to a savepoint, and ends it with those that were set after it.
    pub fn roll_back_to(&mut self, number: usize) -> QueryResult<()> {
        self.batch(&format!("ROLLBACK TO SAVEPOINT part{number}; RELEASE SAVEPOINT part{number}"))
    }

    /// Begins a transaction that only reads, in which every statement sees the same state of the database.
    pub fn begin_snapshot(&mut self) -> QueryResult<()> {
        self.batch(match self {
            Self::Pg(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Self::Sqlite(_) => "BEGIN DEFERRED",
        })
    }

    /// Ends the transaction of [`Self::begin_snapshot`].
    pub fn end_snapshot(&mut self) -> QueryResult<()> {
        self.batch("ROLLBACK")
    }

    /// The name of the engine, as the conformance document gives it.
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Pg(_) => "postgresql",
            Self::Sqlite(_) => "sqlite",
        }
    }

    /// Writes some pages without a lasting change, to find out whether the disk has space for a few rows.
    pub(super) fn probe_write(&mut self) -> Result<(), ApiError> {
        Ok(self.batch(match self {
            Self::Pg(_) => "UPDATE deployment SET created_at = created_at",
            // An update needs no new page of the file, and so succeeds when the next insert fails.
            Self::Sqlite(_) => {
                "CREATE TABLE storage_probe (bytes BLOB); INSERT INTO storage_probe VALUES (zeroblob(65536)); \
                 DROP TABLE storage_probe"
            }
        })?)
    }

    /// Queries one row. For the readiness probe.
    pub fn ping(&mut self) -> QueryResult<()> {
        diesel::sql_query("SELECT 1").execute(self).map(drop)
    }
}
