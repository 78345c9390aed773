//! The chains of the journal: each link is a MAC of an event, its position and the previous link.

use std::collections::BTreeMap;

use super::gaps;
use super::heads::{Head, HeadFile};
use super::store::{self, ChainPosition, EventRow};
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
    if !conn.try_lock(Lock::Chain)? {
        return Ok(false);
    }
    let limit = steps::rows(conn);
    let rows = store::unchained(conn, limit)?;
    let mut heads: BTreeMap<&str, (i64, Vec<u8>)> = BTreeMap::new();
    let mut positions = Vec::with_capacity(rows.len());
    for row in &rows {
        let (last, previous) = match heads.remove(row.chain.as_str()) {
            Some(head) => head,
            None => store::head(conn, &row.chain)?.unwrap_or_default(),
        };
        let position = last + 1;
        let link = link(key, &previous, position, row).to_vec();
        heads.insert(&row.chain, (position, link.clone()));
        positions.push(ChainPosition { id: row.id, position, link });
    }
    if !positions.is_empty() {
        store::set_positions(conn, &positions)?;
    }
    Ok(rows.len() == limit)
}

/// The link of an event at a position; `previous` is empty for the first of a chain.
pub(super) fn link(key: &MacKey, previous: &[u8], position: i64, row: &EventRow) -> [u8; 32] {
    // An absent value must differ from an empty one.
    let optional = |value: Option<&str>| value.map_or_else(String::new, |value| format!("+{value}"));
    let position = position.to_be_bytes();
    let happened_at = row.happened_at.to_string();
    let (code, address) = (optional(row.code.as_deref()), optional(row.address.as_deref()));
    let target = optional(row.target_id.as_ref().map(passerelle_base::values::Id::as_str));
    key.tag(&[
        previous,
        &position,
        row.chain.as_bytes(),
        row.id.as_str().as_bytes(),
        row.principal.as_bytes(),
        row.operation.as_bytes(),
        row.request_id.as_bytes(),
        row.outcome.as_str().as_bytes(),
        code.as_bytes(),
        target.as_bytes(),
        row.changed.as_bytes(),
        row.opened.as_bytes(),
        address.as_bytes(),
        happened_at.as_bytes(),
    ])
}
