//! Lending figures, for a service's own staff: loans per kit, borrower and commune, and requests that no copy could meet.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operation on figures.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_kit_figures});
}
