//! Checks: the contents of a copy counted item by item, at the hand-out, at the return, or in between.
//!
//! Invariants: a check counts every item of the kit; it never changes; the condition of a copy is that of its last check.
//! What it finds missing or damaged and nobody knew of becomes a defect to be settled; a defect that it no longer sees is
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
