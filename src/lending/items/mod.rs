//! What a kit contains: books, CDs, adapted toys, each in a quantity. Every copy should hold all of it.
//!
//! Invariant: an item that a check has counted stays; one that is no longer part of the kit has the quantity 0.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on items.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{create_kit_item, get_kit_item, update_kit_item, delete_kit_item});
}
