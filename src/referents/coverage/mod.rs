//! Coverage: how many structures and communes have a certified referent, and the population of these communes.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operation on coverage.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_referent_coverage});
}
