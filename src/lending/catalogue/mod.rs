//! The catalogue: which kits a service lends, for whom, about what.
//!
//! Invariant: nothing in it is about anybody, so that a website may show all of it and keep it for a while.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on kits.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{create_kit, list_kits, get_kit, update_kit, delete_kit});
}
