//! Coverage: by which convention a commune is covered on a day.
//!
//! A signed convention covers its period, suspensions excepted: a commune's own, the commune; an EPCI's, the communes that are
//! in the EPCI on that day. Both together is allowed and said, and counts once: the commune's own comes first.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on coverage.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_coverage, list_covered_communes});
}
