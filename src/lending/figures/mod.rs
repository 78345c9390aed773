//! Figures of lending, for a service's own staff: what is lent, to whom, where, and what there was no copy for.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operation on figures.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_kit_figures});
}
