//! The database: one API over SQLite and PostgreSQL.
//!
//! Handlers are async and diesel is not, so every use of a connection is a closure given to
//! [`Db::read`] or [`Db::write`]. Both are bounded: at most as many closures run as there are
//! connections, the rest wait a short time and then get 503 with `Retry-After`.
//!
//! A write closure runs in one transaction and is acknowledged after its commit. It may run no
//! network call, no password hash and no long parse: on SQLite its neighbours wait for it.

mod among;
mod conn;
mod file;
mod migrate;
mod order;
mod pool;
pub mod schema;
mod slow;
mod url;
mod writer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diesel::r2d2::Pool;
use tokio::sync::{Semaphore, oneshot};

pub use among::IsAmong;
pub use conn::{AnyConn, Lock};
pub use migrate::{migrate, pending, revert_all};
pub use passerelle_base::values::{Id, UtcTs, described};
pub use passerelle_base::{text_column, text_enum, text_newtype};
pub use url::DatabaseUrl;

use passerelle_base::error::{ApiError, Code};
use passerelle_base::startup::StartupError;
use writer::{Job, Settle, Writer};

/// Sizes and waits of the database layer.
#[derive(Clone, Debug)]
pub struct DbOptions {
    /// Connections kept open, and closures that may run at once.
    pub connections: u32,
    /// How long a request waits for its turn before it is answered 503.
    pub wait: Duration,
    /// How long opening a connection may take, once it is a request's turn.
    pub connect: Duration,
    /// Statements slower than this are logged, without values.
    pub slow_after: Duration,
}

impl Default for DbOptions {
    fn default() -> Self {
        Self {
            connections: 8,
            wait: Duration::from_secs(2),
            connect: Duration::from_secs(2),
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
    /// Closures that may run at once.
    pub turns: usize,
    /// Closures that run.
    pub in_use: usize,
    /// Requests that wait for a turn.
    pub waiting: usize,
    /// Writes in the queue of the embedded writer.
    pub writes_waiting: usize,
}

struct Inner {
    url: DatabaseUrl,
    pool: Pool<pool::Manager>,
    turns: Arc<Semaphore>,
    connections: usize,
    waiting: AtomicUsize,
    wait: Duration,
    writer: Option<Writer>,
}

impl Db {
    /// Opens the pool. Does not migrate: see [`migrate`].
    pub fn open(url: &DatabaseUrl, options: &DbOptions) -> Result<Self, StartupError> {
        let manager = pool::Manager::new(url.clone(), options.slow_after);
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
            .connection_timeout(options.connect)
            .build(manager)
            .map_err(|error| unreachable(url, &error))?;
        let turns = Arc::new(Semaphore::new(options.connections as usize));
        let connections = options.connections as usize;
        let (url, wait, waiting) = (url.clone(), options.wait, AtomicUsize::default());
        Ok(Self { inner: Arc::new(Inner { url, pool, turns, connections, waiting, wait, writer }) })
    }

    /// The engine's name as the conformance document gives it.
    pub fn engine(&self) -> &'static str {
        self.inner.url.engine()
    }

    /// How busy it is.
    pub fn load(&self) -> DbLoad {
        DbLoad {
            turns: self.inner.connections,
            in_use: self.inner.connections.saturating_sub(self.inner.turns.available_permits()),
            waiting: self.inner.waiting.load(Ordering::Relaxed),
            writes_waiting: self.inner.writer.as_ref().map_or(0, Writer::waiting),
        }
    }

    /// Runs a closure that only reads.
    pub async fn read<T, E, F>(&self, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut AnyConn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Into<ApiError>,
    {
        self.on_pool(move |conn| f(conn).map_err(Into::into)).await
    }

    /// Runs a closure in one write transaction; an `Err` or a panic leaves no trace.
    pub async fn write<T, F>(&self, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut AnyConn) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        match &self.inner.writer {
            None => self.on_pool(move |conn| conn.write_transaction(f)).await,
            Some(writer) => {
                let (reply, answer) = oneshot::channel();
                if !writer.submit(job(f, reply)) {
                    return Err(busy());
                }
                // A reply that never comes means the group was not committed.
                answer.await.unwrap_or_else(|_| Err(busy()))
            }
        }
    }

    /// Whether writes share a transaction and its flush to the disk: on the embedded engine.
    pub fn groups_writes(&self) -> bool {
        self.inner.writer.is_some()
    }

    /// Runs a closure of one statement that writes, on an engine that does not group writes: the statement is a transaction
    /// by itself, and beginning and ending one would be two more round trips.
    pub async fn write_statement<F>(&self, f: F) -> Result<(), ApiError>
    where
        F: FnOnce(&mut AnyConn) -> Result<(), ApiError> + Send + 'static,
    {
        self.on_pool(f).await
    }

    /// [`Self::write`] for programs without an event loop: the command line and the demonstration.
    pub fn write_blocking<T, F>(&self, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut AnyConn) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        match &self.inner.writer {
            None => self.inner.pool.get().map_err(|_| busy())?.write_transaction(f),
            Some(writer) => {
                let (reply, answer) = oneshot::channel();
                if !writer.submit(job(f, reply)) {
                    return Err(busy());
                }
                answer.blocking_recv().unwrap_or_else(|_| Err(busy()))
            }
        }
    }

    /// [`Self::read`] for programs without an event loop.
    pub fn read_blocking<T, E>(&self, f: impl FnOnce(&mut AnyConn) -> Result<T, E>) -> Result<T, ApiError>
    where
        E: Into<ApiError>,
    {
        f(&mut *self.inner.pool.get().map_err(|_| busy())?).map_err(Into::into)
    }

    async fn on_pool<T, F>(&self, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut AnyConn) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let turn = {
            let _waiting = Waiting::counted(&self.inner.waiting);
            tokio::time::timeout(self.inner.wait, Arc::clone(&self.inner.turns).acquire_owned()).await
        };
        let Ok(Ok(turn)) = turn else { return Err(busy()) };
        let pool = self.inner.pool.clone();
        let work = move || {
            let _turn = turn;
            let mut conn = pool.get().map_err(|error| {
                log::error!("no database connection: {error}");
                busy()
            })?;
            f(&mut conn)
        };
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| {
            log::error!("a database closure panicked: {panic}");
            Err(ApiError::new(Code::Internal))
        })
    }
}

/// One who waits, even if its connection is cut meanwhile.
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

/// Wraps a typed closure as a job of the writer: its result is sent once the group's fate is known.
/// A panic is this closure's failure and, as on PostgreSQL, an internal error.
fn job<T, F>(f: F, reply: oneshot::Sender<Result<T, ApiError>>) -> Job
where
    F: FnOnce(&mut AnyConn) -> Result<T, ApiError> + Send + 'static,
    T: Send + 'static,
{
    Box::new(move |conn| {
        let result = catch_unwind(AssertUnwindSafe(|| f(conn))).unwrap_or_else(|_| {
            log::error!("a database closure panicked");
            Err(ApiError::new(Code::Internal))
        });
        let keep = result.is_ok();
        let settle: Settle = Box::new(move |committed| {
            let result = if keep && !committed { Err(busy()) } else { result };
            let _ = reply.send(result);
        });
        (keep, settle)
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
