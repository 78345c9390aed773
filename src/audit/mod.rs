//! Audit: reading the journal of reads, changes and refusals.
//!
//! Invariants: a manager reads the journal of their service, an administrator that of the deployment; the journal holds
//! identifiers, never a name or a value; reading it is journaled. `journal` writes and verifies it.

pub mod dto;
mod handlers;
mod ops;
mod store;

use crate::http::Operations;

/// Registers the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("audit", "The audit journal of reads, changes and refusals.");
    crate::operations!(ops, handlers::{list_audit_events});
}
