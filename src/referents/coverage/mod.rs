//! Coverage: which structures and communes have a certified referent, and how many people live there.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operation on coverage.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_referent_coverage});
}
