//! Copies: the cases that are lent, each with a label, a condition and a home site.
//!
//! Invariants: a lost or retired copy is out of service; a copy that is out of service has a date and a reason, and
//! cannot be reserved (its earlier reservations are returned as endangered). A copy is never deleted, because loans and
//! checks refer to it: one that was added by mistake is taken out of service.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;
pub(super) mod write;

use crate::http::Operations;

/// Adds the operations on copies.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{create_kit_copy, get_kit_copy, update_kit_copy, withdraw_kit_copy, put_back_kit_copy});
}
