//! Boundary changes: communes that go from one EPCI to another, or in or out of one, on a date.
//!
//! The map that is embedded is of one year. What changed before or since is recorded here, with its source; coverage follows
//! it by date. The changes of a commune chain: each begins where the one before ends.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on boundary changes.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_boundary_change, list_boundary_changes, get_boundary_change, delete_boundary_change
    });
}
