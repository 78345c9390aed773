//! Boundary changes: communes that leave an EPCI, join one, or move from one to another, on a date.
//!
//! The embedded map describes one year. Earlier and later changes are recorded here with their source, and coverage
//! takes them into account by date. The changes of a commune form a chain: each starts from the EPCI where the previous
//! one ends.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Registers the operations on boundary changes.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_boundary_change, list_boundary_changes, get_boundary_change, delete_boundary_change
    });
}
