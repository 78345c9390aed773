//! On PostgreSQL the events of reads wait for one another: one statement and one flush to the disk for all that came
//! while the one before was written. The embedded engine's writer does the same with all writes.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Semaphore, oneshot};

use super::store::{self, EventRow};
use passerelle_base::error::{ApiError, Code};
use passerelle_database::{AnyConn, Db};

/// Rows of a statement at most, but for what one request alone has: PostgreSQL takes 65,535 values.
const GROUP: usize = 1000;

/// Requests whose events wait at most: while the database does not answer, refusals still come.
const WAITING: usize = 10_000;

/// Events that wait, and the turn to write them.
pub(super) struct Queue {
    waiting: Arc<Mutex<Vec<Entry>>>,
    turn: Semaphore,
}

/// The events of one request; it is told whether they are written.
struct Entry {
    rows: Vec<EventRow>,
    written: oneshot::Sender<bool>,
}

impl Default for Queue {
    fn default() -> Self {
        Self { waiting: Arc::default(), turn: Semaphore::new(1) }
    }
}

impl Queue {
    /// Writes events, with those of others. A caller who goes away meanwhile leaves them here: the next one writes them.
    pub(super) async fn write(&self, db: &Db, rows: Vec<EventRow>) -> Result<(), ApiError> {
        let (written, mut outcome) = oneshot::channel();
        {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.len() >= WAITING {
                return Err(ApiError::new(Code::Unavailable));
            }
            waiting.push(Entry { rows, written });
        }
        let _turn = self.turn.acquire().await;
        loop {
            // Whoever had the turn before wrote these too, or there were too many.
            match outcome.try_recv() {
                Ok(true) => return Ok(()),
                Err(oneshot::error::TryRecvError::Empty) => {}
                Ok(false) | Err(oneshot::error::TryRecvError::Closed) => return Err(ApiError::new(Code::Unavailable)),
            }
            let waiting = Arc::clone(&self.waiting);
            db.write_statement(move |conn| write_group(conn, &waiting)).await?;
        }
    }
}

/// Writes those who wait, the first first, and tells them. The statement is committed when it returns.
fn write_group(conn: &mut AnyConn, waiting: &Mutex<Vec<Entry>>) -> Result<(), ApiError> {
    let (mut rows, mut told) = (Vec::new(), Vec::new());
    {
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = waiting
            .iter()
            .scan(0, |sum, entry| {
                *sum += entry.rows.len();
                (*sum <= GROUP).then_some(())
            })
            .count();
        let taken = fits.max(1).min(waiting.len());
        for entry in waiting.drain(..taken) {
            rows.extend(entry.rows);
            told.push(entry.written);
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let outcome = store::insert(conn, rows);
    for written in told {
        let _ = written.send(outcome.is_ok());
    }
    Ok(outcome?)
}
