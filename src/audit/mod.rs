//! Audit: reading the journal of who read, changed and was refused what.
//!
//! Invariants: a manager reads the journal of their service, an administrator that of the deployment; it holds
//! identifiers and never a name or a value; reading it is journaled. `journal` writes and verifies it.

pub mod dto;
mod handlers;
mod ops;
mod store;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("audit", "The journal: who read, changed and was refused what.");
    crate::operations!(ops, handlers::{list_audit_events});
}
