//! The queue of the events of reads on PostgreSQL: the events that arrive during a write are written together by the
//! next one, in one statement and one flush to disk. On SQLite the writer groups all writes in the same way.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Semaphore, oneshot};

use super::store::{self, StoredEvent};
use passerelle_base::error::{ApiError, Code};
use passerelle_database::{AnyConn, Db};

/// Maximum number of rows in a statement, unless a single request has more: PostgreSQL accepts 65,535 values.
const MAX_ROWS: usize = 1000;

/// Maximum number of requests in the queue: refusals keep coming while the database does not respond.
const MAX_QUEUED: usize = 10_000;

/// The queued events, and the permit to write them.
pub(super) struct Queue {
    entries: Arc<Mutex<Vec<Entry>>>,
    writer: Semaphore,
}

/// The events of one request, and the channel that reports whether they were written.
struct Entry {
    rows: Vec<StoredEvent>,
    written: oneshot::Sender<Result<(), ApiError>>,
}

impl Default for Queue {
    fn default() -> Self {
        Self { entries: Arc::default(), writer: Semaphore::new(1) }
    }
}

impl Queue {
    /// Writes events, together with those of other requests. If the caller is dropped meanwhile, its events stay in the
    /// queue and the next caller writes them.
    pub(super) async fn write(&self, db: &Db, rows: Vec<StoredEvent>) -> Result<(), ApiError> {
        let (written, mut outcome) = oneshot::channel();
        {
            let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            if entries.len() >= MAX_QUEUED {
                return Err(ApiError::new(Code::Unavailable));
            }
            entries.push(Entry { rows, written });
        }
        let _permit = self.writer.acquire().await;
        loop {
            // The previous holder of the permit wrote these events too, unless there were too many.
            match outcome.try_recv() {
                Ok(outcome) => return outcome,
                Err(oneshot::error::TryRecvError::Empty) => {}
                Err(oneshot::error::TryRecvError::Closed) => return Err(ApiError::new(Code::Unavailable)),
            }
            let entries = Arc::clone(&self.entries);
            if let Err(error) = db.write_statement(move |conn| write_group(conn, &entries)).await {
                self.refuse_all(&error);
                return Err(error);
            }
        }
    }

    /// Tells those who wait that their events cannot be written: each trying again would make them wait one after the
    /// other.
    fn refuse_all(&self, error: &ApiError) {
        let entries = std::mem::take(&mut *self.entries.lock().unwrap_or_else(PoisonError::into_inner));
        for entry in entries {
            let _ = entry.written.send(Err(error.clone()));
        }
    }
}

/// Writes the oldest entries in one statement, which is committed when it returns, and reports the outcome to each.
fn write_group(conn: &mut AnyConn, entries: &Mutex<Vec<Entry>>) -> Result<(), ApiError> {
    let (mut rows, mut requests) = (Vec::new(), Vec::new());
    {
        let mut entries = entries.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = entries
            .iter()
            .scan(0, |sum, entry| {
                *sum += entry.rows.len();
                (*sum <= MAX_ROWS).then_some(())
            })
            .count();
        let taken = fits.max(1).min(entries.len());
        for entry in entries.drain(..taken) {
            rows.extend(entry.rows);
            requests.push(entry.written);
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let outcome = store::insert(conn, rows).map_err(ApiError::from);
    for written in requests {
        let _ = written.send(outcome.clone());
    }
    outcome
}
