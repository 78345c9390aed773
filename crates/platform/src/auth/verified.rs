//! Tokens whose signature was verified lately: one signature is verified once and not at each call.
//!
//! The tokens themselves are not kept, only their SHA-256. Expiry, revocation and rights are asked at each call as before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::claims::Claims;

/// More tokens than are in use at once; past it the cache starts anew rather than grow.
const CAPACITY: usize = 10_000;

/// The claims of tokens that one set of keys verified; it goes when the set does.
#[derive(Default)]
pub(super) struct Verified(Mutex<HashMap<Vec<u8>, Arc<Claims>>>);

impl Verified {
    /// The claims of the token of a digest.
    pub(super) fn get(&self, digest: &[u8]) -> Option<Arc<Claims>> {
        self.0.lock().ok()?.get(digest).cloned()
    }

    /// Keeps the claims of a token that was just verified.
    pub(super) fn put(&self, digest: Vec<u8>, claims: &Arc<Claims>) {
        if let Ok(mut known) = self.0.lock() {
            if known.len() >= CAPACITY {
                known.clear();
            }
            known.insert(digest, Arc::clone(claims));
        }
    }
}
