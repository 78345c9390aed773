//! The conventions themselves: the parties, the period, the services they open, and the decisions taken.
//!
//! ```text
//! draft → proposed → signed ⇄ suspended
//!   └──────┴→ declined   └───────┴→ terminated
//! ```
//! Whether a signed convention is active or expired is computed from its dates. Signed terms never change: an amendment
//! adds new terms, and the earlier ones stay readable.

pub mod act;
pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
mod rules;
pub mod store;

use crate::http::Operations;

/// Registers the operations on conventions.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_convention, list_conventions, get_convention, update_convention, delete_convention, propose_convention,
        sign_convention, decline_convention, suspend_convention, resume_convention, terminate_convention,
        amend_convention, list_convention_history, list_expiring_conventions
    });
}
