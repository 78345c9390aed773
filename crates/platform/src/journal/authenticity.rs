//! Whether the program wrote an event: each has a MAC from the moment it is written, so that a row which somebody inserts
//! into the table, chained or not, is told from the others.
//!
//! Events of earlier versions have none. The chain vouches for those up to the cut-over: the end of each chain when the
//! program first started with MACs. It is recorded only if no event has a MAC yet, so that it cannot be made again later.

use std::collections::BTreeMap;

use super::heads::Head;
use super::store::{self, CutOverRow, EventRow, StoredEvent};
use crate::privacy::{MacKey, same_bytes};
use passerelle_base::error::ApiError;
use passerelle_base::text::hex;
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::{AnyConn, Lock};

/// Tells the MAC of an event from a link, whose first part is another link or nothing, and from other MACs of the key.
const OF_EVENT: &[u8] = b"event";
const OF_CUT_OVER: &[u8] = b"cut-over";

impl EventRow {
    /// The event with its MAC, to be written.
    pub(crate) fn authenticated(self, key: &MacKey) -> StoredEvent {
        let mac = Some(tag(key, &[OF_EVENT], &self, &[]).to_vec());
        StoredEvent { event: self, mac }
    }
}

impl StoredEvent {
    /// Whether the MAC is that of the event.
    fn is_authentic(&self, key: &MacKey) -> bool {
        let expected = tag(key, &[OF_EVENT], &self.event, &[]);
        self.mac.as_deref().is_some_and(|mac| same_bytes(mac, &expected))
    }

    /// The link of the event at a position of its chain; `previous` is empty for the first of a chain.
    pub(super) fn link(&self, key: &MacKey, previous: &[u8], position: i64) -> [u8; 32] {
        let mac: &[&[u8]] = &[self.mac.as_deref().unwrap_or_default()];
        // An event of an earlier version keeps its link.
        let mac = if self.mac.is_some() { mac } else { &[] };
        tag(key, &[previous, &position.to_be_bytes()], &self.event, mac)
    }
}

/// A MAC of every column of an event, between other parts.
fn tag(key: &MacKey, before: &[&[u8]], row: &EventRow, after: &[&[u8]]) -> [u8; 32] {
    let EventRow {
        id,
        chain,
        principal,
        operation,
        request_id,
        outcome,
        code,
        target_id,
        changed,
        opened,
        address,
        happened_at,
    } = row;
    // An absent value must differ from an empty one.
    let optional = |value: Option<&str>| value.map_or_else(String::new, |value| format!("+{value}"));
    let (code, address) = (optional(code.as_deref()), optional(address.as_deref()));
    let target = optional(target_id.as_ref().map(Id::as_str));
    let happened_at = happened_at.to_string();
    let columns = [
        chain,
        id.as_str(),
        principal,
        operation,
        request_id,
        outcome.as_str(),
        &code,
        &target,
        changed,
        opened,
        &address,
        &happened_at,
    ];
    let parts: Vec<&[u8]> =
        before.iter().copied().chain(columns.map(str::as_bytes)).chain(after.iter().copied()).collect();
    key.tag(&parts)
}

impl CutOverRow {
    fn new(key: &MacKey, chain: String, position: i64, link: Vec<u8>, recorded_at: UtcTs) -> Self {
        let mut row = Self { chain, position, link, recorded_at, mac: Vec::new() };
        row.mac = row.expected(key).to_vec();
        row
    }

    fn expected(&self, key: &MacKey) -> [u8; 32] {
        let (position, recorded_at) = (self.position.to_be_bytes(), self.recorded_at.to_string());
        key.tag(&[OF_CUT_OVER, self.chain.as_bytes(), &position, &self.link, recorded_at.as_bytes()])
    }
}

/// Chains what earlier versions wrote, and records where each chain then ends. Does nothing if that is recorded, if an
/// event has a MAC, or if there is no event. Runs before the program writes its first event.
pub(super) fn record_cut_over(conn: &mut AnyConn, key: &MacKey, now: UtcTs) -> Result<(), ApiError> {
    if !is_to_record(conn)? {
        return Ok(());
    }
    conn.lock(Lock::Chain)?;
    // Another instance may have recorded it meanwhile.
    if !is_to_record(conn)? {
        return Ok(());
    }
    while super::chain::chain_under_lock(conn, key)? {}
    for (chain, position, link) in store::chain_ends(conn)? {
        store::insert_cut_over(conn, &CutOverRow::new(key, chain, position, link, now))?;
    }
    Ok(())
}

fn is_to_record(conn: &mut AnyConn) -> Result<bool, ApiError> {
    Ok(store::cut_overs(conn)?.is_empty() && store::are_before_macs(conn)?)
}

/// Tells the events that the program wrote.
pub struct Authenticity {
    key: MacKey,
    cut_overs: BTreeMap<String, CutOverRow>,
    /// No event has a MAC: the database is of an earlier version.
    before_macs: bool,
    /// The chains whose cut-over the program did not write.
    pub(super) forged: Vec<String>,
}

impl Authenticity {
    /// Reads the cut-overs.
    pub fn load(conn: &mut AnyConn, key: &MacKey) -> Result<Self, ApiError> {
        let (genuine, forged): (Vec<_>, Vec<_>) =
            store::cut_overs(conn)?.into_iter().partition(|row| same_bytes(&row.mac, &row.expected(key)));
        Ok(Self {
            key: key.clone(),
            cut_overs: genuine.into_iter().map(|row| (row.chain.clone(), row)).collect(),
            before_macs: false,
            forged: forged.into_iter().map(|row| row.chain).collect(),
        })
    }

    /// That of a database of an earlier version, which only its chains vouch for.
    pub(super) fn before_macs(key: &MacKey) -> Self {
        Self { key: key.clone(), cut_overs: BTreeMap::new(), before_macs: true, forged: Vec::new() }
    }

    /// Whether the program wrote this event, as far as the row itself can tell.
    pub fn is_genuine(&self, row: &StoredEvent, position: Option<i64>) -> bool {
        if row.mac.is_some() {
            return position.is_none_or(|position| position >= 1) && row.is_authentic(&self.key);
        }
        let end = self.cut_overs.get(&row.event.chain).map_or(0, |row| row.position);
        self.before_macs || position.is_some_and(|position| (1..=end).contains(&position))
    }

    /// The ends of the chains at the cut-over, as heads.
    pub(super) fn heads(&self) -> impl Iterator<Item = Head> {
        let at_cut_over = self.cut_overs.values();
        at_cut_over.map(|row| Head {
            at: row.recorded_at,
            chain: row.chain.clone(),
            count: row.position,
            head: hex(&row.link),
        })
    }
}
