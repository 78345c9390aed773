//! Items: the books, CDs and adapted toys that every copy of a kit should contain, each with a quantity.
//!
//! Invariant: an item that has a defect is never deleted. An item that is no longer part of the kit has the quantity 0.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on items.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{create_kit_item, get_kit_item, update_kit_item, delete_kit_item});
}
