//! The restores of a backup that the operator has confirmed.
//!
//! Each record does two things. It begins an epoch of the change feed, because a restored database assigns positions
//! again that readers have already seen: see [`Epochs`]. And it explains why chains of the journal are shorter than the
//! heads written before: see `journal`.

mod epochs;
mod model;
mod store;

use crate::privacy::MacKey;
use passerelle_base::error::ApiError;
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::AnyConn;

pub use epochs::{Epochs, Past, Place};
pub use model::{Kept, Restore};
pub use store::all;

/// Records a restore. The caller holds the locks of the feed and of the journal.
pub fn record(
    conn: &mut AnyConn,
    key: &MacKey,
    (id, confirmed_at): (Id, UtcTs),
    feed_position: i64,
    mut kept: Vec<Kept>,
) -> Result<Restore, ApiError> {
    // The order in which they are read again: the MAC depends on it.
    kept.sort_by(|one, next| one.chain.cmp(&next.chain));
    let number = store::next_number(conn)?;
    let mut restore = Restore { id, number, confirmed_at, feed_position, kept, tag: Vec::new() };
    restore.tag = restore.mac(key).to_vec();
    store::insert(conn, &restore)?;
    Ok(restore)
}

/// The restores whose record is genuine, in their order.
pub fn genuine(conn: &mut AnyConn, key: &MacKey) -> Result<Vec<Restore>, ApiError> {
    let mut restores = all(conn)?;
    restores.retain(|restore| restore.is_genuine(key));
    Ok(restores)
}

/// The epochs of the feed.
pub fn epochs(conn: &mut AnyConn) -> Result<Epochs, ApiError> {
    Ok(Epochs::new(store::epochs(conn)?))
}
