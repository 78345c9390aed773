//! The chains of the journal: each link is a MAC of an event, its position and the previous link.

use std::collections::BTreeMap;

use super::gaps;
use super::heads::{Head, HeadFile};
use super::store::{self, ChainPosition};
use crate::privacy::MacKey;
use crate::steps;
use passerelle_base::error::ApiError;
use passerelle_base::values::UtcTs;
use passerelle_database::{AnyConn, Db, Lock, SystemScope};

/// Chains the oldest events that are not chained. Returns whether some may be left; otherwise appends the heads to the
/// file.
pub(super) fn step(db: &Db, key: &MacKey, file: &mut HeadFile, now: UtcTs) -> Result<bool, ApiError> {
    let chaining = key.clone();
    if db.write_blocking(SystemScope::Journal, move |conn| chain_oldest(conn, &chaining))? {
        return Ok(true);
    }
    let heads: Vec<Head> = db.read_blocking(SystemScope::Journal, |conn| store::heads(conn, now))?;
    gaps::append(db, key, file, &heads)?;
    Ok(false)
}

/// One step in its transaction. Does nothing if another instance holds the lock.
pub fn chain_oldest(conn: &mut AnyConn, key: &MacKey) -> Result<bool, ApiError> {
    if conn.try_lock(Lock::Chain)? { chain_under_lock(conn, key) } else { Ok(false) }
}

/// Chains the oldest events that are not chained. Returns whether some may be left. An event that the program did not
/// write is chained too: it can then no longer be removed unnoticed, and its MAC still tells that it is forged.
pub(super) fn chain_under_lock(conn: &mut AnyConn, key: &MacKey) -> Result<bool, ApiError> {
    let limit = steps::rows(conn);
    let rows = store::unchained(conn, limit)?;
    let mut heads: BTreeMap<&str, (i64, Vec<u8>)> = BTreeMap::new();
    let mut positions = Vec::with_capacity(rows.len());
    for row in &rows {
        let event = &row.event;
        let (last, previous) = match heads.remove(event.chain.as_str()) {
            Some(head) => head,
            None => store::head(conn, &event.chain)?.unwrap_or_default(),
        };
        let position = last + 1;
        let link = row.link(key, &previous, position).to_vec();
        heads.insert(&event.chain, (position, link.clone()));
        positions.push(ChainPosition { id: event.id, position, link });
    }
    if !positions.is_empty() {
        store::set_positions(conn, &positions)?;
    }
    Ok(rows.len() == limit)
}
