//! The one writer of the embedded engine: a thread that commits writes in groups.
//!
//! SQLite has one writer at a time whatever the client does; several writing connections only add
//! "database is locked" and second-long tails. One thread takes the waiting closures, runs each in
//! its own savepoint of one `BEGIN IMMEDIATE … COMMIT`, and answers after the commit, so that the
//! cost of the flush to disk is shared and nothing is acknowledged before it is durable.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use super::conn::AnyConn;

/// How many closures share one commit at most: bounds the time a reader of its own write waits.
const GROUP: usize = 64;

/// What a closure does once its fate is known: called with whether the group was committed.
pub(super) type Settle = Box<dyn FnOnce(bool) + Send>;

/// One unit of work: runs in a savepoint, says whether the savepoint is kept.
pub(super) type Job = Box<dyn FnOnce(&mut AnyConn) -> (bool, Settle) + Send>;

/// The handle to the writer thread; the thread ends when the last handle is gone.
pub(super) struct Writer {
    queue: Option<SyncSender<Job>>,
    waiting: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread on its own connection with room for `waiting` jobs.
    pub(super) fn start(conn: AnyConn, waiting: usize) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(waiting);
        let waiting = Arc::new(AtomicUsize::new(0));
        let taken = Arc::clone(&waiting);
        let thread =
            std::thread::Builder::new().name("sqlite-writer".into()).spawn(move || run(conn, &jobs, &taken))?;
        Ok(Self { queue: Some(queue), waiting, thread: Some(thread) })
    }

    /// Hands a job to the writer; `false` when the queue is full or the thread is gone.
    pub(super) fn submit(&self, job: Job) -> bool {
        match &self.queue {
            Some(queue) => {
                // Before it is sent: the thread may take it at once.
                self.waiting.fetch_add(1, Ordering::Relaxed);
                match queue.try_send(job) {
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

    /// Jobs that the thread has not taken yet.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

impl Drop for Writer {
    /// Lets the jobs already accepted finish: what was taken is not dropped by a shutdown.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(mut conn: AnyConn, jobs: &Receiver<Job>, waiting: &AtomicUsize) {
    while let Ok(first) = jobs.recv() {
        let mut settles = Vec::new();
        let begun = conn.batch("BEGIN IMMEDIATE");
        if let Err(error) = &begun {
            log::error!("the writer could not begin a transaction: {error}");
        }
        let mut next = Some(first);
        while let Some(job) = next.take() {
            waiting.fetch_sub(1, Ordering::Relaxed);
            if begun.is_ok() {
                settles.push(in_savepoint(&mut conn, job));
            } else {
                drop(job);
            }
            if settles.len() < GROUP && begun.is_ok() {
                next = jobs.try_recv().ok();
            }
        }
        if begun.is_ok() {
            let committed = conn.batch("COMMIT");
            if let Err(error) = &committed {
                log::error!("the writer could not commit: {error}");
                let _ = conn.batch("ROLLBACK");
            }
            for settle in settles {
                settle(committed.is_ok());
            }
        }
    }
}

/// Runs one job between savepoints. A job never panics: it catches its closure's panic itself.
fn in_savepoint(conn: &mut AnyConn, job: Job) -> Settle {
    if conn.batch("SAVEPOINT job").is_err() {
        return Box::new(move |_| drop(job));
    }
    let (keep, settle) = job(conn);
    let closed = if keep { conn.batch("RELEASE job") } else { conn.batch("ROLLBACK TO job; RELEASE job") };
    match closed {
        Ok(()) => settle,
        Err(error) => {
            log::error!("the writer could not close a savepoint: {error}");
            Box::new(move |_| settle(false))
        }
    }
}
