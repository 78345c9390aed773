//! Availability: which copy of a kit is free on which day, and when a whole loan is possible next.
//!
//! It names nobody: a website may show it.

pub mod dto;
mod handlers;
pub mod ops;

use crate::http::Operations;

/// Adds the operation on availability.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_kit_availability});
}
