//! The history of a case: openings, closures, reopenings, corrections and merges, with author, date and outcome. Append-only, and kept
//! when a case goes with its referral.

pub mod dto;
mod handlers;
pub(super) mod ops;
pub(super) mod store;

use crate::http::Operations;

/// Adds the operations of the history.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{list_case_history});
}
