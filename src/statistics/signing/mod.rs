//! Signatures of releases, by Ed25519 keys of their own. Their public halves are never deleted.
//!
//! Invariants:
//! - a key for access tokens signs no release, and a key for releases signs no token;
//! - the newest key signs, every key verifies, and none is ever changed or deleted;
//! - a signature covers the pre-authentication encoding of DSSE and not the bare bytes, so that the same signature
//!   serves the responses of this API and the envelope that is checked offline.

pub mod dto;
mod handlers;
pub mod ops;
mod store;

use crate::http::Operations;

/// Adds the operations on signing keys.
pub fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{list_statistics_keys});
}
