//! The only writer of the embedded engine: a thread that commits writes in groups.
//!
//! SQLite has one writer at a time, whatever the client does. Several writing connections would only add
//! "database is locked" errors and waits of seconds. One thread takes the queued closures, runs each in
//! its own savepoint of one `BEGIN IMMEDIATE … COMMIT`, and acknowledges them after the commit. The
//! writes share the cost of the flush to disk, and none is acknowledged before it is durable.
//!
//! **A full disk, an I/O error or a lack of memory can end the whole transaction inside a closure.** The savepoint of the
//! closure then no longer exists and cannot be closed. So a savepoint that cannot be opened or closed ends the group: it
//! is rolled back, and every write in it fails. A savepoint that was closed proves that the transaction was still the
//! same one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::result::Error as DieselError;
use tokio::sync::oneshot;

use super::conn::AnyConn;
use super::errors::{busy, outcome_unknown};
use super::pool::Manager;
use super::queue::{Lane, Queue, QueuedWrite, Ticket};
use super::storage::Storage;
use super::task::Task;
use passerelle_base::error::{ApiError, Code, DatabaseFailure};

/// Maximum number of writes that share one commit.
const GROUP: usize = 64;

/// A group takes no more writes after this time: it bounds how long a short write waits for the commit.
const GROUP_TIME: Duration = Duration::from_millis(50);

/// How long one attempt to begin a transaction waits for another process that holds the lock.
const LOCK_WAIT: &str = "PRAGMA busy_timeout = 250";

/// The handle to the writer thread. Dropping the handle ends the thread.
pub(super) struct Writer {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. It opens a new connection when one has failed.
    pub(super) fn start(manager: Manager, conn: AnyConn, storage: Arc<Storage>) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let thread = std::thread::Builder::new().name("sqlite-writer".into()).spawn({
            let queue = Arc::clone(&queue);
            move || run(conn, &manager, &queue, &storage)
        })?;
        Ok(Self { queue, thread: Some(thread) })
    }

    /// Queues a write.
    pub(super) fn submit(&self, task: Task, lane: Lane, max_wait: Duration) -> Result<Ticket, ApiError> {
        self.queue.submit(task, lane, max_wait)
    }

    /// Writes that the thread has not taken yet.
    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }
}

impl Drop for Writer {
    /// Waits for the queued writes: a shutdown does not drop them.
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Why a group ended without a commit.
enum Failed {
    /// Another process holds the lock: the writes stay in the queue.
    Locked,
    /// The transaction failed, and its writes with it.
    Transaction(ApiError),
}

fn run(mut conn: AnyConn, manager: &Manager, queue: &Queue, storage: &Storage) {
    let _ = conn.batch(LOCK_WAIT);
    while queue.wait() {
        let ended = catch_unwind(AssertUnwindSafe(|| group(&mut conn, queue, storage)));
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(Failed::Locked)) => queue.drop_overdue(),
            Ok(Err(Failed::Transaction(error))) => {
                log::error!("a group of writes was rolled back: {error}");
                if error.code != Code::StorageFull {
                    reopen(&mut conn, manager);
                }
            }
            // The senders were dropped: the callers know that the outcome is unknown.
            Err(_) => {
                log::error!("the writer panicked");
                reopen(&mut conn, manager);
            }
        }
    }
}

/// Replaces a connection that failed: its state is unknown.
fn reopen(conn: &mut AnyConn, manager: &Manager) {
    match manager.open() {
        Ok(new) => {
            let old = std::mem::replace(conn, new);
            // Closing a damaged connection may panic.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(old)));
            let _ = conn.batch(LOCK_WAIT);
        }
        Err(error) => log::error!("the writer cannot open a new connection: {error}"),
    }
}

/// Runs the queued writes in one transaction and acknowledges them.
fn group(conn: &mut AnyConn, queue: &Queue, storage: &Storage) -> Result<(), Failed> {
    if let Err(error) = conn.batch("BEGIN IMMEDIATE") {
        if DatabaseFailure::of(&error) == Some(DatabaseFailure::Locked) {
            return Err(Failed::Locked);
        }
        // If the rollback of the previous group failed, its transaction is still open.
        let _ = conn.batch("ROLLBACK");
        let error = ApiError::from(error);
        storage.note(Some(error.code));
        queue.refuse_all(&error);
        return Err(Failed::Transaction(error));
    }
    let started = Instant::now();
    let (mut ended, mut failure) = (Vec::new(), None);
    let (mut reserved, mut requests) = (Duration::ZERO, 0);
    while failure.is_none() && ended.len() < GROUP && started.elapsed() < GROUP_TIME {
        let Some(write) = queue.next(reserved > GROUP_TIME / 2) else { break };
        let (lane, began) = (write.lane, Instant::now());
        let (write, failed) = in_savepoint(conn, write);
        ended.push(write);
        failure = failed;
        match lane {
            Lane::Reserved => reserved += began.elapsed(),
            Lane::Requests => requests += 1,
        }
    }
    let failure = failure.or_else(|| conn.batch("COMMIT").err().map(not_committed));
    if failure.is_some() {
        let _ = conn.batch("ROLLBACK");
    } else if requests > 0 {
        queue.took(started.elapsed().saturating_sub(reserved) / requests);
    }
    for write in ended {
        write.acknowledge(failure.as_ref(), storage);
    }
    failure.map_or(Ok(()), |error| Err(Failed::Transaction(error)))
}

/// The error of a failed commit. After an I/O error the commit may be on disk all the same: a crash before the next
/// commit would bring it back.
fn not_committed(error: DieselError) -> ApiError {
    let is_unknown = DatabaseFailure::of(&error) == Some(DatabaseFailure::Storage);
    let error = ApiError::from(error);
    if is_unknown { outcome_unknown() } else { error }
}

/// A write that ran and waits for the commit.
struct Ended {
    result: Result<(), ApiError>,
    outcome: oneshot::Sender<Result<(), ApiError>>,
}

impl Ended {
    /// Sends the outcome, after noting what it says of the storage. A write that its use case refused keeps its own
    /// error: it had no effect anyway.
    fn acknowledge(self, failure: Option<&ApiError>, storage: &Storage) {
        let result = match failure {
            Some(failure) => self.result.and_then(|()| Err(failure.clone())),
            None => self.result,
        };
        storage.note(result.as_ref().err().map(|error| error.code));
        let _ = self.outcome.send(result);
    }
}

/// Runs one write in a savepoint. The second value is the failure of the whole group, if the savepoint could not be
/// opened or closed.
fn in_savepoint(conn: &mut AnyConn, write: QueuedWrite) -> (Ended, Option<ApiError>) {
    let QueuedWrite { task, outcome, .. } = write;
    if let Err(error) = conn.batch("SAVEPOINT job") {
        let error = ApiError::from(error);
        return (Ended { result: Err(error.clone()), outcome }, Some(error));
    }
    let result = catch_unwind(AssertUnwindSafe(|| task(conn))).unwrap_or_else(|_| {
        log::error!("a database closure panicked");
        Err(ApiError::new(Code::Internal))
    });
    let close = if result.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    let failure = conn.batch(close).err().map(|error| {
        log::error!("the savepoint of a write could not be closed: {error}");
        // The error of the write itself says what ended the transaction.
        match &result {
            Err(cause) if cause.code.status().is_server_error() => cause.clone(),
            _ => busy(),
        }
    });
    (Ended { result, outcome }, failure)
}
