//! Stored replies: a call that is retried with the same `Idempotency-Key` has one effect and gets the same reply.
//!
//! The reply is written in the transaction of the effect: a crash leaves both or neither. It is stored for a day under
//! a MAC of the caller's key, and sealed with the data keys of all owners whose personal data it may contain: erasing
//! one of them makes the reply unreadable.

mod model;
mod store;

use std::collections::BTreeSet;

use crate::auth::ServiceScope;
use crate::data_keys::data_keys;
use crate::privacy::{MacKey, Place};
use crate::steps;
use crate::work::{NewReply, Work};
use passerelle_base::error::{ApiError, Code};
use passerelle_base::text::hex;
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
/// reply that concerns a person who has since been erased is a 404, like the object itself; so is one that concerns a
/// service in which the caller has lost the permission since. A reply that does not open, because it was stored under
/// another key or by a version that bound replies to their caller only, is a 409: the call is not repeated.
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
    let bound = bound_to(&principal, &call.key_mac);
    let place = place(&bound);
    let mut reply = row.reply;
    if owners.is_empty() {
        reply = work.vault.open_deployment_secret(place, &reply).map_err(|_| unreadable())?;
    }
    for owner in owners.iter().rev() {
        let key = keys.get(owner).ok_or_else(ApiError::not_found)?;
        reply = key.open_bytes(place, &reply).map_err(|_| unreadable())?;
    }
    let (reply, services) = StoredReply::from_bytes(&reply)?;
    let allowed = |scope: &ServiceScope| services.iter().all(|service| scope.contains(*service));
    if work.call.permitted.as_ref().is_some_and(|scope| !allowed(scope)) {
        return Err(ApiError::not_found());
    }
    Ok(Some(reply))
}

/// The services of the caller's scope that a reply concerns: those of the objects that were changed or opened, and those
/// that its body names, for accounts, which belong to no service. A write may change objects of other services too, such
/// as a handover: the caller needed no permission there.
fn services_of(work: &Work<'_>, reply: &StoredReply) -> Vec<Id> {
    let Some(scope) = &work.call.permitted else { return Vec::new() };
    let mut services: BTreeSet<Id> = work.trail.services().into_iter().flatten().collect();
    if let Ok(body) = serde_json::from_str(&reply.body) {
        model::named_services(&body, &mut services);
    }
    services.into_iter().filter(|service| scope.contains(*service)).collect()
}

fn unreadable() -> ApiError {
    ApiError::new(Code::Conflict).detail(
        "La réponse enregistrée sous cette clé ne peut plus être lue : l'appel n'a pas été répété. Lire l'objet, puis décider.",
        "The response stored under this key can no longer be read: the call was not repeated. Read the object, then decide.",
    )
}

/// Seals the reply of a call. It is written with the record of the unit of work, in the transaction of its effect.
pub fn store_reply(work: &mut Work<'_>, call: &IdempotentCall, reply: &StoredReply) -> Result<(), ApiError> {
    let principal = work.author();
    let mut owners: Vec<Id> = work.trail.returned().collect();
    let keys = data_keys(work, &owners)?;
    // An erased owner has no key, and no data in the reply that needs one.
    owners.retain(|owner| keys.contains_key(owner));
    let bound = bound_to(&principal, &call.key_mac);
    let place = place(&bound);
    let mut sealed = reply.to_bytes(&services_of(work, reply))?;
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

/// The caller and the key: a reply opens in its own row only.
fn bound_to(principal: &str, key_mac: &[u8]) -> String {
    format!("{principal} {}", hex(key_mac))
}

fn place(bound: &str) -> Place<'_> {
    Place { table: "stored_replies", column: "reply", row: bound }
}

fn owners(text: &str) -> Vec<Id> {
    text.split_whitespace().filter_map(|owner| owner.parse().ok()).collect()
}
