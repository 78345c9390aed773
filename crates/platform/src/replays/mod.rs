//! Stored replies: a call that is retried with the same `Idempotency-Key` has one effect and gets the same reply.
//!
//! The reply is written in the transaction of the effect: a crash leaves both or neither. It is stored for a day under
//! a MAC of the caller's key, and sealed with the data keys of all owners whose personal data it may contain: erasing
//! one of them makes the reply unreadable.

mod model;
mod store;

use crate::data_keys::data_keys;
use crate::privacy::{MacKey, Place};
use crate::steps;
use crate::work::{NewReply, Work};
use passerelle_base::error::{ApiError, Code};
use passerelle_base::values::{Id, UtcTs};

use store::Found;

pub use model::{IdempotencyKey, StoredReply};

/// Hours after which a stored reply expires.
const TTL_HOURS: i64 = 24;

/// A call with an `Idempotency-Key`: the key, and the fingerprint of the request.
#[derive(Clone, Debug)]
pub struct IdempotentCall {
    /// MAC of the principal and the caller's key.
    key_mac: [u8; 32],
    /// MAC of the method, the URI and the body.
    fingerprint: [u8; 32],
}

impl IdempotentCall {
    /// Replaces the key and the request by MACs, so that neither is stored.
    pub fn new(mac: &MacKey, principal: &str, key: &IdempotencyKey, request: &[&[u8]]) -> Self {
        let key_mac = mac.tag(&[b"idempotency key", principal.as_bytes(), key.as_bytes()]);
        let mut parts: Vec<&[u8]> = vec![b"request"];
        parts.extend(request);
        Self { key_mac, fingerprint: mac.tag(&parts) }
    }
}

/// The stored reply of an earlier identical call, if there is one.
///
/// Fails with 409 if a call with the same key is still running, and with 422 if the key was used for another request. A
/// reply that concerns a person who has since been erased is a 404, like the object itself.
pub fn find_reply(work: &mut Work<'_>, call: &IdempotentCall) -> Result<Option<StoredReply>, ApiError> {
    let principal = work.author();
    let first_lock = work.first_lock();
    let row = match store::lock_and_find(work.conn, &principal, &call.key_mac, first_lock)? {
        Found::Locked => return Err(ApiError::new(Code::RequestInProgress).retry_after(1)),
        Found::Nothing => {
            work.first_lock_taken();
            return Ok(None);
        }
        Found::Reply(row) => row,
    };
    if row.created_at < oldest(work.now) {
        store::delete(work.conn, &principal, &call.key_mac)?;
        return Ok(None);
    }
    if row.fingerprint != call.fingerprint {
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

/// Seals the reply of a call. It is written with the record of the unit of work, in the transaction of its effect.
pub fn store_reply(work: &mut Work<'_>, call: &IdempotentCall, reply: &StoredReply) -> Result<(), ApiError> {
    let principal = work.author();
    let mut owners: Vec<Id> = work.trail.returned().collect();
    let keys = data_keys(work, &owners)?;
    // An erased owner has no key, and no data in the reply that needs one.
    owners.retain(|owner| keys.contains_key(owner));
    let place = place(&principal);
    let mut sealed = reply.to_bytes()?;
    if owners.is_empty() {
        sealed = work.vault.seal_deployment_secret(place, &sealed)?;
    }
    for owner in &owners {
        sealed = keys.get(owner).ok_or_else(|| ApiError::new(Code::Internal))?.seal_bytes(place, &sealed)?;
    }
    let owners = owners.iter().map(Id::as_str).collect::<Vec<_>>().join(" ");
    let (key_mac, fingerprint) = (call.key_mac.to_vec(), call.fingerprint.to_vec());
    work.reply = Some(NewReply { principal, key_mac, fingerprint, reply: sealed, owners });
    Ok(())
}

/// One step of a background job: deletes the oldest expired replies, and returns their number.
pub fn delete_expired(work: &mut Work<'_>) -> Result<usize, ApiError> {
    let limit = steps::rows(work.conn);
    Ok(store::delete_before(work.conn, oldest(work.now), limit)?)
}

/// The creation time of the oldest reply that has not expired.
fn oldest(now: UtcTs) -> UtcTs {
    now.plus(chrono::Duration::hours(-TTL_HOURS))
}

fn place(principal: &str) -> Place<'_> {
    Place { table: "stored_replies", column: "reply", row: principal }
}

fn owners(text: &str) -> Vec<Id> {
    text.split_whitespace().filter_map(|owner| owner.parse().ok()).collect()
}
