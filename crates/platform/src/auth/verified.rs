//! A cache of tokens whose signature was verified, so that a signature is verified once and not per request.
//!
//! It holds the SHA-256 of the tokens and not the tokens. Expiry, revocation and rights are still checked per request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::claims::Claims;

/// More tokens than are in use at a time: a full cache is cleared instead of growing.
const CAPACITY: usize = 10_000;

/// The claims of the tokens that a set of keys verified. It is replaced together with the keys.
#[derive(Default)]
pub(super) struct VerifiedTokens(Mutex<HashMap<Vec<u8>, Arc<Claims>>>);

impl VerifiedTokens {
    /// The claims of a token, by its digest.
    pub(super) fn get(&self, digest: &[u8]) -> Option<Arc<Claims>> {
        self.0.lock().ok()?.get(digest).cloned()
    }

    /// Caches the claims of a token that was just verified.
    pub(super) fn put(&self, digest: Vec<u8>, claims: &Arc<Claims>) {
        if let Ok(mut cache) = self.0.lock() {
            if cache.len() >= CAPACITY {
                cache.clear();
            }
            cache.insert(digest, Arc::clone(claims));
        }
    }
}
