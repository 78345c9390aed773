//! Signatures of releases: Ed25519 keys of their own, whose public halves are kept for ever.
//!
//! Invariants:
//! - a key of access tokens signs no release, and a key of releases no token;
//! - the newest key signs, every key verifies, and none is ever changed or deleted;
//! - what is signed is the pre-authentication encoding of DSSE and not the bare bytes, so that one signature serves the
//!   answers of this API and the envelope that is checked without it.

pub mod dto;
mod handlers;
pub mod ops;
mod store;

use crate::http::Operations;

/// Adds the part's operations.
pub fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{list_statistics_keys});
}
