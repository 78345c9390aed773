//! The only writer of the embedded engine: a thread that commits writes in groups.
//!
//! SQLite has one writer at a time, whatever the client does. Several writing connections would only add
//! "database is locked" errors and waits of seconds. One thread takes the queued closures, runs each in
//! its own savepoint of one `BEGIN IMMEDIATE … COMMIT`, and acknowledges them after the commit. The
//! writes share the cost of the flush to disk, and none is acknowledged before it is durable.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use super::conn::AnyConn;

/// How many closures share one commit at most. This bounds the time that a caller waits for its write.
const GROUP: usize = 64;

/// Called once the transaction of the group has ended, with whether it was committed.
pub(super) type Acknowledge = Box<dyn FnOnce(bool) + Send>;

/// A queued write: it runs in a savepoint, and returns whether to release the savepoint or roll it back.
pub(super) type QueuedWrite = Box<dyn FnOnce(&mut AnyConn) -> (bool, Acknowledge) + Send>;

/// The handle to the writer thread. Dropping the handle ends the thread.
pub(super) struct Writer {
    queue: Option<SyncSender<QueuedWrite>>,
    waiting: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread with its connection and a queue of at most `capacity` writes.
    pub(super) fn start(conn: AnyConn, capacity: usize) -> std::io::Result<Self> {
        let (queue, writes) = sync_channel(capacity);
        let waiting = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&waiting);
        let thread =
            std::thread::Builder::new().name("sqlite-writer".into()).spawn(move || run(conn, &writes, &counter))?;
        Ok(Self { queue: Some(queue), waiting, thread: Some(thread) })
    }

    /// Queues a write. `false` if the queue is full or the thread has ended.
    pub(super) fn submit(&self, write: QueuedWrite) -> bool {
        match &self.queue {
            Some(queue) => {
                // Counted before it is sent: the thread may take it immediately.
                self.waiting.fetch_add(1, Ordering::Relaxed);
                match queue.try_send(write) {
                    Ok(()) => true,
                    Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                        self.waiting.fetch_sub(1, Ordering::Relaxed);
                        false
                    }
                }
            }
            None => false,
        }
    }

    /// Writes that the thread has not taken yet.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

impl Drop for Writer {
    /// Waits for the queued writes: a shutdown does not drop them.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(mut conn: AnyConn, writes: &Receiver<QueuedWrite>, waiting: &AtomicUsize) {
    while let Ok(first) = writes.recv() {
        let mut acknowledges = Vec::new();
        let begun = conn.batch("BEGIN IMMEDIATE");
        if let Err(error) = &begun {
            log::error!("the writer could not begin a transaction: {error}");
        }
        let mut next = Some(first);
        while let Some(write) = next.take() {
            waiting.fetch_sub(1, Ordering::Relaxed);
            if begun.is_ok() {
                acknowledges.push(in_savepoint(&mut conn, write));
            } else {
                drop(write);
            }
            if acknowledges.len() < GROUP && begun.is_ok() {
                next = writes.try_recv().ok();
            }
        }
        if begun.is_ok() {
            let committed = conn.batch("COMMIT");
            if let Err(error) = &committed {
                log::error!("the writer could not commit: {error}");
                let _ = conn.batch("ROLLBACK");
            }
            for acknowledge in acknowledges {
                acknowledge(committed.is_ok());
            }
        }
    }
}

/// Runs one write in a savepoint. A queued write never panics: it catches the panic of its closure.
fn in_savepoint(conn: &mut AnyConn, write: QueuedWrite) -> Acknowledge {
    if conn.batch("SAVEPOINT job").is_err() {
        return Box::new(move |_| drop(write));
    }
    let (keep, acknowledge) = write(conn);
    let closed = if keep { conn.batch("RELEASE job") } else { conn.batch("ROLLBACK TO job; RELEASE job") };
    match closed {
        Ok(()) => acknowledge,
        Err(error) => {
            log::error!("the writer could not close a savepoint: {error}");
            Box::new(move |_| acknowledge(false))
        }
    }
}
