//! Copies of kits: the cases that travel, each with its label, its condition, its home.
//!
//! Invariants: a copy that is lost or retired from loan is out of service; what is out of service says since when and why,
//! and is not promised to anybody any more (what was promised before is shown as endangered). A copy is never deleted: loans
//! and checks name it. One that should not have been entered is taken out of service.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on copies.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{create_kit_copy, get_kit_copy, update_kit_copy, withdraw_kit_copy, put_back_kit_copy});
}
