//! The outbox: each change is written with its effect, and numbered once it is committed.
//!
//! A number that is given when a row is written is visible before the row is: whoever reads between two commits
//! would pass over the slower one for ever. So a change has no position until it is published. One publisher at a
//! time gives the next positions to the committed changes that have none; readers see numbered changes only. A late
//! commit thus comes late, and is never skipped. Changes are kept for ever: they name objects and tell nothing of them.

mod store;

use crate::work::Work;
use passerelle_base::error::ApiError;
use passerelle_base::values::Id;
use passerelle_database::{AnyConn, Db, Lock};

pub use store::head;

/// Changes numbered in one transaction.
const BATCH: usize = 1000;

/// Writes what a unit of work changed, in its transaction.
pub fn record(work: &mut Work<'_>) -> Result<(), ApiError> {
    let now = work.now;
    let changes = work.trail.changes().iter();
    // Accounts belong to the deployment: nobody follows them.
    let of_services = changes.filter_map(|change| change.service_id.map(|service| (service, change)));
    let rows: Vec<store::NewChange> = of_services
        .map(|(service_id, change)| store::NewChange {
            id: Id::next(now),
            service_id,
            resource: change.resource,
            object_id: change.id,
            kind: change.kind,
            deletion_reason: change.reason,
            happened_at: now,
        })
        .collect();
    Ok(store::insert(work.conn, rows)?)
}

/// Numbers what was committed before this call. Cheap when there is nothing to number.
pub async fn publish(db: &Db) -> Result<(), ApiError> {
    while db.read(store::is_waiting).await? {
        if db.write(number).await? < BATCH {
            break;
        }
    }
    Ok(())
}

/// [`publish`] for a job, which leaves the work to whoever is at it already.
pub fn publish_blocking(db: &Db) -> Result<(), ApiError> {
    while db.read_blocking(store::is_waiting)? {
        let numbered =
            db.write_blocking(
                |conn| {
                    if conn.try_lock(Lock::Publish)? { Ok(store::number(conn, BATCH)?) } else { Ok(0) }
                },
            )?;
        if numbered < BATCH {
            break;
        }
    }
    Ok(())
}

fn number(conn: &mut AnyConn) -> Result<usize, ApiError> {
    conn.lock(Lock::Publish)?;
    Ok(store::number(conn, BATCH)?)
}
