//! The outbox: each change is written in the transaction of its effect, and gets its position after the commit.
//!
//! If a change got its position when it is written, a later position could be committed first, and a reader of the feed
//! that is past it would miss the slower one. So a change has no position until it is published: one publisher at a
//! time assigns the next positions to the committed changes that have none, and readers see only changes with a
//! position. A slow commit appears late but is never skipped. Changes are never deleted: they hold identifiers and no
//! data.

mod store;

use crate::work::Work;
use passerelle_base::error::ApiError;
use passerelle_base::values::Id;
use passerelle_database::{AnyConn, Db, Lock};

pub(crate) use store::NewChange;
pub use store::head;

/// Maximum number of changes published in one transaction.
const BATCH: usize = 1000;

/// The changes of a unit of work, for its transaction.
pub(crate) fn changes(work: &Work<'_>) -> Vec<NewChange> {
    let now = work.now;
    let changes = work.trail.changes().iter();
    // Accounts belong to the deployment and are not in the feed.
    let of_services = changes.filter_map(|change| change.service_id.map(|service| (service, change)));
    of_services
        .map(|(service_id, change)| NewChange {
            id: Id::next(now),
            service_id,
            resource: change.resource,
            object_id: change.id,
            kind: change.kind,
            deletion_reason: change.reason,
            happened_at: now,
        })
        .collect()
}

/// Assigns positions to the changes that are committed. Cheap if there are none.
pub async fn publish(db: &Db) -> Result<(), ApiError> {
    while db.read(store::has_unpublished).await? {
        if db.write(publish_batch).await? < BATCH {
            break;
        }
    }
    Ok(())
}

/// [`publish`] for a background job: it returns at once if another publisher holds the lock.
pub fn publish_blocking(db: &Db) -> Result<(), ApiError> {
    while db.read_blocking(store::has_unpublished)? {
        let published = db.write_blocking(|conn| {
            if conn.try_lock(Lock::Publish)? { Ok(store::assign_positions(conn, BATCH)?) } else { Ok(0) }
        })?;
        if published < BATCH {
            break;
        }
    }
    Ok(())
}

fn publish_batch(conn: &mut AnyConn) -> Result<usize, ApiError> {
    conn.lock(Lock::Publish)?;
    Ok(store::assign_positions(conn, BATCH)?)
}
