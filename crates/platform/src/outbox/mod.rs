//! The outbox: each change is written in the transaction of its effect, and gets its position after the commit.
//!
//! If a change got its position when it is written, a later position could be committed first, and a reader of the feed
//! that is past it would miss the slower one. So a change has no position until it is published: one publisher at a
//! time assigns the next positions to the committed changes that have none, a few per transaction, and readers see only
//! changes with a position. A slow commit appears late but is never skipped. Changes are never deleted: they hold
//! identifiers and no data.

mod store;

use std::time::Duration;

use crate::steps;
use crate::work::Work;
use passerelle_base::error::ApiError;
use passerelle_base::values::Id;
use passerelle_database::{AnyConn, Db, DbScope, Lock, SystemScope};

pub(crate) use store::NewChange;
pub use store::head;

/// How long a reader of the feed waits for its step.
const PATIENCE: Duration = Duration::from_millis(500);

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
            parent_id: change.parent,
            merged_into_id: change.merged_into,
        })
        .collect()
}

/// One step for a reader of the feed, who sees the rows of `scope`, so that its response includes what was committed just
/// before. A backlog is left to
/// the background job, and a step that fails or is slow does not keep the reader from what has a position.
pub async fn publish(db: &Db, scope: DbScope) {
    let step = async {
        if db.read(scope, store::has_unpublished).await? {
            db.write(SystemScope::Feed, number).await?;
        }
        Ok::<_, ApiError>(())
    };
    match tokio::time::timeout(PATIENCE, step).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => log::warn!("a reader of the feed could not number the latest changes: {error}"),
        Err(_) => log::debug!("a reader of the feed did not wait for the latest changes to be numbered"),
    }
}

/// One step of the background job. Returns whether changes may be left to number. Does nothing if another instance holds
/// the lock.
pub fn publish_step(db: &Db) -> Result<bool, ApiError> {
    if !db.read_blocking(SystemScope::Feed, store::has_unpublished)? {
        return Ok(false);
    }
    db.write_blocking(SystemScope::Feed, |conn| if conn.try_lock(Lock::Publish)? { step(conn) } else { Ok(false) })
}

/// One step, after that of any other publisher: numbers the oldest committed changes. Returns whether some may be left.
pub fn number(conn: &mut AnyConn) -> Result<bool, ApiError> {
    conn.lock(Lock::Publish)?;
    step(conn)
}

fn step(conn: &mut AnyConn) -> Result<bool, ApiError> {
    let limit = steps::rows(conn);
    Ok(store::assign_positions(conn, limit)? == limit)
}
