//! The catalogue: which kits a service lends, for which audience, on which themes.
//!
//! Invariant: the catalogue contains no personal data, so a website may display and cache all of it.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on kits.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{create_kit, list_kits, get_kit, update_kit, delete_kit});
}
