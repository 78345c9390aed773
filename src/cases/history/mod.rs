//! The history of a case: openings, closures and reopenings, with author, date and outcome. Append-only.

pub mod dto;
mod handlers;
pub(super) mod ops;
pub(super) mod store;

use crate::http::Operations;

/// Adds the operations of the history.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{list_case_history});
}
