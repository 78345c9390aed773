//! Stored replies: a call with an `Idempotency-Key` that is sent twice has one effect and one answer.
//!
//! The reply is written in the transaction of the effect, so the two exist together or not at all,
//! whatever is killed when. It is kept for a day, under a MAC of the caller's key, and sealed under the
//! keys of all whose personal data went into it: erasing one of them makes the reply unreadable too.

mod model;
mod store;

use crate::data_keys::data_keys;
use crate::privacy::{MacKey, Place};
use crate::work::Work;
use passerelle_base::error::{ApiError, Code};
use passerelle_base::values::Id;

pub use model::{IdempotencyKey, StoredReply};

/// How long a reply is kept.
const KEPT_HOURS: i64 = 24;

/// A keyed call: the caller's key, and what the call asks.
#[derive(Clone, Debug)]
pub struct Keyed {
    /// MAC of the principal and the caller's key.
    key_mac: [u8; 32],
    /// MAC of the method, the address and the body.
    fingerprint: [u8; 32],
}

impl Keyed {
    /// Hides a key and a request behind MACs: neither is anybody's business later.
    pub fn new(mac: &MacKey, principal: &str, key: &IdempotencyKey, request: &[&[u8]]) -> Self {
        let key_mac = mac.tag(&[b"idempotency key", principal.as_bytes(), key.as_bytes()]);
        let mut parts: Vec<&[u8]> = vec![b"request"];
        parts.extend(request);
        Self { key_mac, fingerprint: mac.tag(&parts) }
    }
}

/// The reply that the call had before, if it had one.
///
/// A twin that is still running is a 409; another request under the same key is a 422. A reply about
/// somebody who was erased since is a 404, like the object itself.
pub fn find(work: &mut Work<'_>, keyed: &Keyed) -> Result<Option<StoredReply>, ApiError> {
    if !store::try_lock_key(work.conn, &keyed.key_mac)? {
        return Err(ApiError::new(Code::RequestInProgress).retry_after(1));
    }
    let principal = work.author();
    let since = work.now.plus(chrono::Duration::hours(-KEPT_HOURS));
    let Some(row) = store::find(work.conn, &principal, &keyed.key_mac)? else { return Ok(None) };
    if row.created_at < since {
        store::delete(work.conn, &principal, &keyed.key_mac)?;
        return Ok(None);
    }
    if row.fingerprint != keyed.fingerprint {
        return Err(ApiError::new(Code::IdempotencyKeyReused));
    }
    let owners = owners(&row.owners);
    let keys = data_keys(work, &owners)?;
    let place = place(&principal);
    let mut reply = row.reply;
    if owners.is_empty() {
        reply = work.vault.open_deployment_secret(place, &reply)?;
    }
    for owner in owners.iter().rev() {
        reply = keys.get(owner).ok_or_else(ApiError::not_found)?.open_bytes(place, &reply)?;
    }
    Ok(Some(StoredReply::from_bytes(&reply)?))
}

/// Keeps the reply of a call, in the transaction of its effect.
pub fn keep(work: &mut Work<'_>, keyed: &Keyed, kept: &StoredReply) -> Result<(), ApiError> {
    let principal = work.author();
    let mut owners: Vec<Id> = work.trail.opened().keys().copied().collect();
    let keys = data_keys(work, &owners)?;
    // An erased owner has no key, and nothing in the answer that needs one.
    owners.retain(|owner| keys.contains_key(owner));
    let place = place(&principal);
    let mut reply = kept.to_bytes()?;
    if owners.is_empty() {
        reply = work.vault.seal_deployment_secret(place, &reply)?;
    }
    for owner in &owners {
        reply = keys.get(owner).ok_or_else(|| ApiError::new(Code::Internal))?.seal_bytes(place, &reply)?;
    }
    let row = store::ReplyRow {
        principal: principal.clone(),
        key_mac: keyed.key_mac.to_vec(),
        fingerprint: keyed.fingerprint.to_vec(),
        reply,
        owners: owners.iter().map(Id::as_str).collect::<Vec<_>>().join(" "),
        created_at: work.now,
    };
    Ok(store::insert(work.conn, &row)?)
}

/// Forgets the replies that are over a day old; returns how many. For a job.
pub fn sweep(work: &mut Work<'_>) -> Result<usize, ApiError> {
    Ok(store::delete_before(work.conn, work.now.plus(chrono::Duration::hours(-KEPT_HOURS)))?)
}

fn place(principal: &str) -> Place<'_> {
    Place { table: "stored_replies", column: "reply", row: principal }
}

fn owners(text: &str) -> Vec<Id> {
    text.split_whitespace().filter_map(|owner| owner.parse().ok()).collect()
}
