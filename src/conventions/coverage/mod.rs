//! Coverage: the conventions that cover a commune on a day.
//!
//! A signed convention is in effect during its period, except while suspended. A commune's own convention covers the
//! commune; an EPCI's covers the communes that belong to the EPCI on that day. A commune may be covered by both: the
//! response says so, the commune counts once, and its own convention comes first.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Registers the operations on coverage.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_coverage, list_covered_communes});
}
