//! The database: one API over SQLite and PostgreSQL.
//!
//! Handlers are async and diesel is not, so every use of a connection is a closure passed to
//! [`Db::read`] or [`Db::write`]. A semaphore bounds the concurrent closures: one permit per connection. The
//! others wait a short time for a permit, then fail with 503 and `Retry-After`. Short work that other requests depend on
//! has a share of its own: [`Db::read_reserved`], [`Db::write_reserved`].
//!
//! A write closure runs in one transaction and is acknowledged after its commit. It must not make a
//! network call, hash a password or parse a large text: on SQLite the other writes wait for it.

mod among;
mod check;
mod conn;
mod errors;
mod expiry;
mod file;
mod gate;
mod migrate;
mod options;
mod order;
mod pool;
mod prepared;
mod queue;
mod read_only;
mod rows;
pub mod schema;
mod scope;
mod slow;
mod storage;
mod task;
mod together;
mod url;
mod walls;
pub mod whole;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::r2d2::{Pool, PooledConnection};
use tokio::time::timeout;

pub use among::{Among, IsAmong};
pub use check::{is_empty, refuse_damaged, refuse_read_only_directory};
pub use conn::{AnyConn, Lock};
pub use expiry::Expiring;
pub use migrate::{Prepared, migrate, migrate_for, pending, pending_on, prepare, revert_all};
pub use options::DbOptions;
pub use order::Merged;
pub use passerelle_base::values::{Id, UtcTs, enum_description};
pub use passerelle_base::{text_column, text_enum, text_newtype};
pub use prepared::{StaysPrepared, prepared};
pub use read_only::open_read_only;
pub use scope::{DbScope, PARTNER_READS, SANDBOX, SystemScope, Tables};
pub use task::ResultSlot;
pub use together::{Columns, Together, Writes, WritesAndLoad, columns};
pub use url::DatabaseUrl;
pub use walls::{APPEND_ONLY, NOTICES_THAT_WAIT, Rows, TABLES};

use errors::{busy, outcome_unknown, unreachable, without_walls};
use file::write_beside;
use gate::{Gate, Share};
use passerelle_base::error::{ApiError, Code};
use passerelle_base::startup::StartupError;
use queue::Lane;
use storage::Storage;
use task::{Task, task};
use walls::unwalled;
use writer::Writer;

/// How long a write of a background job or a command waits in the queue of the embedded writer.
const JOB_WAIT: Duration = Duration::from_secs(30);

/// The shortest wait for a lock of another transaction, after a long wait for a permit.
const MIN_LOCK_WAIT: Duration = Duration::from_millis(150);

/// How long the readiness probe may take.
const PROBE_TIME: Duration = Duration::from_secs(1);

/// The space beside an embedded database that was full, from which it is ready again: some hundred writes.
const PROBE_BYTES: usize = 1 << 20;

/// Connections beyond those of [`DbOptions::connections`]: one for the readiness probe, two for the threads of background
/// jobs. They are opened when needed.
const EXTRA_CONNECTIONS: u32 = 3;

/// A handle to the database, cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

/// How busy the database layer is.
#[derive(Clone, Copy, Debug)]
pub struct DbLoad {
    /// Concurrent database operations allowed.
    pub permits: usize,
    /// Permits in use.
    pub in_use: usize,
    /// Requests that wait for a permit.
    pub waiting: usize,
    /// Writes in the queue of the embedded writer.
    pub writes_waiting: usize,
    /// Statements sent so far, with those that begin and end transactions.
    pub statements: u64,
}

struct Inner {
    url: DatabaseUrl,
    pool: Pool<pool::Manager>,
    reachable: Arc<pool::Reachable>,
    statements: Arc<AtomicU64>,
    gate: Gate,
    storage: Arc<Storage>,
    options: DbOptions,
    writer: Option<Writer>,
    /// Whether the log says already that row-level security does not hold: a probe comes every few seconds.
    without_walls: AtomicBool,
}

impl Db {
    /// Opens the pool. Does not run the migrations: see [`migrate`].
    pub fn open(url: &DatabaseUrl, options: &DbOptions) -> Result<Self, StartupError> {
        let manager = pool::Manager::new(url.clone(), options.slow_after);
        let statements = manager.statements();
        let first = manager.open().map_err(|error| unreachable(url, &error))?;
        let storage = Arc::<Storage>::default();
        let writer = match url {
            DatabaseUrl::Sqlite(_) => Some(
                Writer::start(manager.clone(), first, Arc::clone(&storage))
                    .map_err(|error| StartupError::new(format!("the writer thread did not start: {error}")))?,
            ),
            DatabaseUrl::Postgres(_) => None,
        };
        let reachable = manager.reachable();
        let pool = Pool::builder()
            .max_size(options.connections + EXTRA_CONNECTIONS)
            .min_idle(Some(1))
            // `Manager::is_valid` only tests connections that were idle for long.
            .test_on_check_out(true)
            .connection_timeout(options.connect_timeout)
            .error_handler(Box::new(pool::LogFirst::default()))
            .build(manager)
            .map_err(|error| unreachable(url, &error))?;
        let gate = Gate::new(options.connections as usize, options.permit_timeout);
        let (url, options) = (url.clone(), options.clone());
        Ok(Self {
            inner: Arc::new(Inner {
                url,
                pool,
                reachable,
                statements,
                gate,
                storage,
                options,
                writer,
                without_walls: AtomicBool::new(false),
            }),
        })
    }

    /// The name of the engine, as the conformance document gives it.
    pub fn engine(&self) -> &'static str {
        self.inner.url.engine()
    }

    /// How busy the database layer is.
    pub fn load(&self) -> DbLoad {
        let gate = &self.inner.gate;
        DbLoad {
            permits: gate.size(),
            in_use: gate.in_use(),
            waiting: gate.waiting(),
            writes_waiting: self.inner.writer.as_ref().map_or(0, Writer::waiting),
            statements: self.inner.statements.load(Ordering::Relaxed),
        }
    }

    /// Checks, in at most a second, that the database answers, that its disk is not known to be full and that row-level
    /// security holds for its role. A busy database is ready: the probe has a connection of its own.
    pub async fn check_ready(&self) -> Result<(), ApiError> {
        let check = async {
            if self.inner.storage.is_full() {
                self.probe_space().await?;
                self.inner.storage.found_space();
            }
            self.on_pool(Share::Probe, None, busy, Box::new(|conn| Ok(conn.ping()?))).await?;
            let (task, unwalled) = task(|conn| Ok(unwalled(conn)?));
            self.on_pool(Share::Probe, None, busy, task).await?;
            let unwalled = unwalled.take()?;
            let told = self.inner.without_walls.swap(unwalled.is_some(), Ordering::Relaxed);
            let Some(tables) = unwalled else { return Ok(()) };
            if !told {
                log::error!("row-level security does not hold for the role of DATABASE_URL on: {tables}");
            }
            Err(without_walls())
        };
        timeout(PROBE_TIME, check).await.unwrap_or_else(|_| Err(busy()))
    }

    /// Finds out whether there is space for a database that grows: without traffic, no other write would. A write alone
    /// does not show it, because SQLite writes into the space of its journal.
    async fn probe_space(&self) -> Result<(), ApiError> {
        if let DatabaseUrl::Sqlite(file) = &self.inner.url {
            let file = file.clone();
            let written = tokio::task::spawn_blocking(move || write_beside(&file, &vec![0; PROBE_BYTES])).await;
            if !matches!(written, Ok(Ok(()))) {
                return Err(ApiError::new(Code::StorageFull).retry_after(10));
            }
        }
        self.write_reserved(SystemScope::Deployment, AnyConn::probe_write).await
    }

    /// Runs a closure that only reads, and sees the rows of the scope.
    pub async fn read<T, E, F>(&self, scope: impl Into<DbScope>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut AnyConn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Into<ApiError>,
    {
        let (task, result) = task(move |conn| f(conn).map_err(Into::into));
        self.on_pool(Share::Read, Some(scope.into()), busy, task).await?;
        result.take()
    }

    /// [`Self::read`] for a short read that other requests depend on: rights, revocations, keys.
    pub async fn read_reserved<T, E, F>(&self, scope: impl Into<DbScope>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut AnyConn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Into<ApiError>,
    {
        let (task, result) = task(move |conn| f(conn).map_err(Into::into));
        self.on_pool(Share::Reserved, Some(scope.into()), busy, task).await?;
        result.take()
    }

    /// Runs a closure in one write transaction, which sees the rows of the scope. An `Err` or a panic rolls it back.
    pub async fn write<T, F>(&self, scope: impl Into<DbScope>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut AnyConn) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (task, result) = task(f);
        self.run_write(scope.into(), task, Lane::Requests).await?;
        result.take()
    }

    /// [`Self::write`] for a short write that other requests depend on: tokens, the journal.
    pub async fn write_reserved<T, F>(&self, scope: impl Into<DbScope>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut AnyConn) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (task, result) = task(f);
        self.run_write(scope.into(), task, Lane::Reserved).await?;
        result.take()
    }

    /// Whether concurrent writes share a transaction and its flush to disk. True on the embedded engine.
    pub fn has_group_commit(&self) -> bool {
        self.inner.writer.is_some()
    }

    /// Runs a closure with a single write statement, which needs no scope. Where writes are not grouped, the statement is
    /// its own transaction: an explicit one would cost two more round trips. For reserved work: the journal, the attempts
    /// to sign in.
    pub async fn write_statement<T, F>(&self, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut AnyConn) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        if self.has_group_commit() {
            return self.write_reserved(SystemScope::Deployment, f).await;
        }
        let (task, result) = task(f);
        let written = self.on_pool(Share::Reserved, None, outcome_unknown, task).await;
        self.note_write(&written);
        written?;
        result.take()
    }

    /// [`Self::write`] for programs without an event loop: background jobs, the command line, the demonstration.
    pub fn write_blocking<T, F>(&self, scope: impl Into<DbScope>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut AnyConn) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (task, result) = task(f);
        if let Some(writer) = &self.inner.writer {
            writer.submit(task, Lane::Reserved, JOB_WAIT)?.wait_blocking()?;
        } else {
            let written = self.connection()?.write_transaction(&scope.into(), None, task);
            self.note_write(&written);
            written?;
        }
        result.take()
    }

    /// [`Self::read`] for programs without an event loop.
    pub fn read_blocking<T, E>(
        &self,
        scope: impl Into<DbScope>,
        f: impl FnOnce(&mut AnyConn) -> Result<T, E>,
    ) -> Result<T, ApiError>
    where
        E: Into<ApiError>,
    {
        let mut conn = self.connection()?;
        conn.enter(&scope.into())?;
        f(&mut conn).map_err(Into::into)
    }

    /// Samples the tables for the planner of SQLite if they have grown much since the last time. For a background job.
    pub fn refresh_statistics(&self) -> Result<(), ApiError> {
        if self.has_group_commit() && self.inner.storage.is_sample_due() {
            self.write_blocking(SystemScope::Deployment, |conn| Ok(conn.refresh_statistics()?))?;
        }
        Ok(())
    }

    async fn run_write(&self, scope: DbScope, task: Task, lane: Lane) -> Result<(), ApiError> {
        if let Some(writer) = &self.inner.writer {
            return writer.submit(task, lane, self.inner.options.permit_timeout)?.wait().await;
        }
        let share = if lane == Lane::Reserved { Share::Reserved } else { Share::Write };
        let (asked, max_wait) = (Instant::now(), self.inner.options.permit_timeout);
        let run = move |conn: &mut AnyConn| {
            // What is left of the wait, for the two locks that a contended row needs.
            let lock_wait = max_wait.saturating_sub(asked.elapsed()) / 2;
            conn.write_transaction(&scope, Some(lock_wait.max(MIN_LOCK_WAIT)), task)
        };
        let written = self.on_pool(share, None, outcome_unknown, Box::new(run)).await;
        self.note_write(&written);
        written
    }

    fn note_write(&self, written: &Result<(), ApiError>) {
        self.inner.storage.note(written.as_ref().err().map(|error| error.code));
    }

    /// Runs a task on a connection of the pool. If the database does not answer in time, the error is `late`. Without a
    /// scope, the session keeps that of its last use: for what has one of its own, and for tables without services.
    async fn on_pool(
        &self,
        share: Share,
        scope: Option<DbScope>,
        late: fn() -> ApiError,
        task: Task,
    ) -> Result<(), ApiError> {
        let Some(permit) = self.inner.gate.enter(share).await else { return Err(busy()) };
        let db = self.clone();
        let run = move || {
            let _permit = permit;
            let mut conn = db.connection()?;
            let started = Instant::now();
            if let Some(scope) = &scope {
                conn.enter(scope)?;
            }
            let result = task(&mut conn);
            db.inner.gate.used(started.elapsed());
            result
        };
        let limit = self.inner.options.work_timeout;
        let Ok(ended) = timeout(limit, tokio::task::spawn_blocking(run)).await else {
            // The thread keeps its permit until the database answers.
            log::error!("the database did not answer in {} s", limit.as_secs());
            return Err(late());
        };
        ended.unwrap_or_else(|panic| {
            log::error!("a database closure panicked: {panic}");
            Err(ApiError::new(Code::Internal))
        })
    }

    /// A connection. While the server cannot be reached, this fails quickly: the pool goes on trying.
    fn connection(&self) -> Result<PooledConnection<pool::Manager>, ApiError> {
        let inner = &self.inner;
        let wait = if inner.reachable.get() { inner.options.connect_timeout } else { pool::WAIT_IF_UNREACHABLE };
        inner.pool.get_timeout(wait).map_err(|_| busy())
    }
}
