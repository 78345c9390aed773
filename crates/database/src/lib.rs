//! The database: one API over SQLite and PostgreSQL.
//!
//! Handlers are async and diesel is not, so every use of a connection is a closure passed to
//! [`Db::read`] or [`Db::write`]. A semaphore bounds the concurrent closures: one permit per connection. The
//! others wait a short time for a permit, then fail with 503 and `Retry-After`.
//!
//! A write closure runs in one transaction and is acknowledged after its commit. It must not make a
//! network call, hash a password or parse a large text: on SQLite the other writes wait for it.

mod among;
mod conn;
mod file;
mod migrate;
mod order;
mod pool;
mod rows;
pub mod schema;
mod slow;
mod task;
mod together;
mod url;
mod writer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use diesel::r2d2::Pool;
use tokio::sync::{Semaphore, oneshot};

pub use among::{Among, IsAmong};
pub use conn::{AnyConn, Lock};
pub use migrate::{migrate, pending, revert_all};
pub use order::Merged;
pub use passerelle_base::values::{Id, UtcTs, enum_description};
pub use passerelle_base::{text_column, text_enum, text_newtype};
pub use task::ResultSlot;
pub use together::{Columns, Together, Writes, columns};
pub use url::DatabaseUrl;

use passerelle_base::error::{ApiError, Code};
use passerelle_base::startup::StartupError;
use task::{Task, task};
use writer::{Acknowledge, QueuedWrite, Writer};

/// Sizes and timeouts of the database layer.
#[derive(Clone, Debug)]
pub struct DbOptions {
    /// The maximum number of connections, which is also the number of permits.
    pub connections: u32,
    /// How long a request waits for a permit before it fails with 503.
    pub permit_timeout: Duration,
    /// How long a request that has a permit waits for a connection.
    pub connect_timeout: Duration,
    /// Statements slower than this are logged, without their values.
    pub slow_after: Duration,
}

impl Default for DbOptions {
    fn default() -> Self {
        Self {
            connections: 8,
            permit_timeout: Duration::from_secs(2),
            connect_timeout: Duration::from_secs(2),
            slow_after: Duration::from_millis(200),
        }
    }
}

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
    permits: Arc<Semaphore>,
    connections: usize,
    waiting: AtomicUsize,
    statements: Arc<AtomicU64>,
    permit_timeout: Duration,
    writer: Option<Writer>,
}

impl Db {
    /// Opens the pool. Does not run the migrations: see [`migrate`].
    pub fn open(url: &DatabaseUrl, options: &DbOptions) -> Result<Self, StartupError> {
        let manager = pool::Manager::new(url.clone(), options.slow_after);
        let statements = manager.statements();
        let first = manager.open().map_err(|error| unreachable(url, &error))?;
        let writer = match url {
            DatabaseUrl::Sqlite(_) => Some(
                Writer::start(first, 1024)
                    .map_err(|error| StartupError::new(format!("the writer thread did not start: {error}")))?,
            ),
            DatabaseUrl::Postgres(_) => None,
        };
        let pool = Pool::builder()
            .max_size(options.connections)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(options.connect_timeout)
            .build(manager)
            .map_err(|error| unreachable(url, &error))?;
        let permits = Arc::new(Semaphore::new(options.connections as usize));
        let connections = options.connections as usize;
        let (url, permit_timeout, waiting) = (url.clone(), options.permit_timeout, AtomicUsize::default());
        Ok(Self {
            inner: Arc::new(Inner { url, pool, permits, connections, waiting, statements, permit_timeout, writer }),
        })
    }

    /// The name of the engine, as the conformance document gives it.
    pub fn engine(&self) -> &'static str {
        self.inner.url.engine()
    }

    /// How busy the database layer is.
    pub fn load(&self) -> DbLoad {
        DbLoad {
            permits: self.inner.connections,
            in_use: self.inner.connections.saturating_sub(self.inner.permits.available_permits()),
            waiting: self.inner.waiting.load(Ordering::Relaxed),
            writes_waiting: self.inner.writer.as_ref().map_or(0, Writer::waiting),
            statements: self.inner.statements.load(Ordering::Relaxed),
        }
    }

    /// Runs a closure that only reads.
    pub async fn read<T, E, F>(&self, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut AnyConn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Into<ApiError>,
    {
        let (task, result) = task(move |conn| f(conn).map_err(Into::into));
        self.on_pool(task).await?;
        result.take()
    }

    /// Runs a closure in one write transaction. An `Err` or a panic rolls it back.
    pub async fn write<T, F>(&self, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut AnyConn) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (task, result) = task(f);
        match self.queue(task) {
            // A dropped sender means that the group was not committed.
            Ok(committed) => committed.await.unwrap_or_else(|_| Err(busy()))?,
            Err(NotQueued::NoWriter(task)) => self.on_pool(Box::new(|conn| conn.write_transaction(task))).await?,
            Err(NotQueued::Full) => return Err(busy()),
        }
        result.take()
    }

    /// Whether concurrent writes share a transaction and its flush to disk. True on the embedded engine.
    pub fn has_group_commit(&self) -> bool {
        self.inner.writer.is_some()
    }

    /// Runs a closure with a single write statement, on an engine that does not group writes. The statement is its own
    /// transaction: an explicit one would cost two more round trips.
    pub async fn write_statement<F>(&self, f: F) -> Result<(), ApiError>
    where
        F: FnOnce(&mut AnyConn) -> Result<(), ApiError> + Send + 'static,
    {
        self.on_pool(Box::new(f)).await
    }

    /// [`Self::write`] for programs without an event loop: the command line and the demonstration.
    pub fn write_blocking<T, F>(&self, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut AnyConn) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (task, result) = task(f);
        match self.queue(task) {
            Ok(committed) => committed.blocking_recv().unwrap_or_else(|_| Err(busy()))?,
            Err(NotQueued::NoWriter(task)) => self.inner.pool.get().map_err(|_| busy())?.write_transaction(task)?,
            Err(NotQueued::Full) => return Err(busy()),
        }
        result.take()
    }

    /// [`Self::read`] for programs without an event loop.
    pub fn read_blocking<T, E>(&self, f: impl FnOnce(&mut AnyConn) -> Result<T, E>) -> Result<T, ApiError>
    where
        E: Into<ApiError>,
    {
        f(&mut *self.inner.pool.get().map_err(|_| busy())?).map_err(Into::into)
    }

    /// Queues a task for the writer of the embedded engine. The receiver gets its outcome once the group has ended.
    fn queue(&self, task: Task) -> Result<oneshot::Receiver<Result<(), ApiError>>, NotQueued> {
        let Some(writer) = &self.inner.writer else { return Err(NotQueued::NoWriter(task)) };
        let (sender, committed) = oneshot::channel();
        if writer.submit(queued(task, sender)) { Ok(committed) } else { Err(NotQueued::Full) }
    }

    async fn on_pool(&self, task: Task) -> Result<(), ApiError> {
        let permit = {
            let _waiting = Waiting::counted(&self.inner.waiting);
            tokio::time::timeout(self.inner.permit_timeout, Arc::clone(&self.inner.permits).acquire_owned()).await
        };
        let Ok(Ok(permit)) = permit else { return Err(busy()) };
        let pool = self.inner.pool.clone();
        let work = move || {
            let _permit = permit;
            let mut conn = pool.get().map_err(|error| {
                log::error!("no database connection: {error}");
                busy()
            })?;
            task(&mut conn)
        };
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| {
            log::error!("a database closure panicked: {panic}");
            Err(ApiError::new(Code::Internal))
        })
    }
}

/// Counts a waiting request until it is dropped, even if its connection is cut in the meantime.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn counted(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why a task is not in the queue of the writer.
enum NotQueued {
    /// The engine has no writer of ours: the task runs on the pool.
    NoWriter(Task),
    /// The queue is full, or the writer has ended.
    Full,
}

/// Wraps a task as a queued write: it sends its outcome once the transaction of the group has ended.
/// If the task panics, only this write fails, with an internal error as on PostgreSQL.
fn queued(task: Task, sender: oneshot::Sender<Result<(), ApiError>>) -> QueuedWrite {
    Box::new(move |conn| {
        let result = catch_unwind(AssertUnwindSafe(|| task(conn))).unwrap_or_else(|_| {
            log::error!("a database closure panicked");
            Err(ApiError::new(Code::Internal))
        });
        let keep = result.is_ok();
        let acknowledge: Acknowledge = Box::new(move |committed| {
            let result = if keep && !committed { Err(busy()) } else { result };
            let _ = sender.send(result);
        });
        (keep, acknowledge)
    })
}

fn busy() -> ApiError {
    ApiError::new(Code::Unavailable).retry_after(1)
}

fn unreachable(url: &DatabaseUrl, error: &dyn std::fmt::Display) -> StartupError {
    StartupError::new(format!("cannot open the database {url}: {}", one_line(&error.to_string())))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
