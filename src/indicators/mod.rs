//! The registry of indicators: what each figure of the program counts, in versions, with its class of disclosure control.
//!
//! An indicator is defined once, here. Reports read its text, its version and its class from this table; the slice
//! `measures` computes its values. A change of what is counted is a new version: the former one stays beside it, with the
//! day on which it ended.
//!
//! It is open data, like the code lists: a definition says nothing about anybody.

pub mod dto;
mod handlers;
pub mod model;

use crate::http::Operations;

/// Registers the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("indicators", "Open data: what each figure counts, in versions; for staff, its live values.");
    crate::operations!(ops, handlers::{list_indicators, get_indicator});
}
