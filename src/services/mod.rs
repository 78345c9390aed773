//! Services: the pôles. Each is a tenant, with its public, its territory, its team.
//!
//! Invariants: a service covers at least one département and one kind of childcare; its age range is
//! stored as the first birthday inside and the first one outside ("0–6" is 0 and 7); a position has a
//! share of a full-time equivalent and dates, and says whether it is counted against the active file.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("services", "The pôles: their public, their territory, their team.");
    crate::operations!(ops, handlers::{create_service, list_services, get_service, create_position, list_positions, get_position, update_service, update_position, delete_position});
}
