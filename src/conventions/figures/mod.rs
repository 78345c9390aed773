//! Figures of conventions: their number, the amounts, and the population they cover.

pub mod dto;
mod handlers;
pub mod ops;

use crate::http::Operations;

/// Registers the operation on figures.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_convention_figures});
}
