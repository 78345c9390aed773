//! The dashboard: the counters of a home page, in one call. Each is a count of an index range, and null for a caller who may
//! not read what it counts.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operation of the dashboard.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_dashboard});
}
