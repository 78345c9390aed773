//! Availability: on which days each copy of a kit is free, and the next possible loans.
//!
//! The response contains no personal data: a website may display it.

pub mod dto;
mod handlers;
pub mod ops;

use crate::http::Operations;

/// Adds the operation on availability.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_kit_availability});
}
