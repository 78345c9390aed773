//! Checks: counts of the contents of a copy, item by item, at the hand-out, at the return, or between two loans.
//!
//! Invariants: a check counts every item of the kit, and never changes; the condition of a copy is that of its last check.
//! A part that is missing or damaged and was not known to be becomes a defect; a defect that a check no longer finds is
//! resolved.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on checks.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{inspect_kit_copy, list_kit_checks});
}
