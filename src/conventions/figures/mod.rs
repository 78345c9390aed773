//! Figures of conventions: how many, how much, how many people they cover.

pub mod dto;
mod handlers;
pub mod ops;

use crate::http::Operations;

/// Adds the operation on figures.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_convention_figures});
}
