//! Services: the *pôles ressources*. Each is a tenant, with its age range, its territory and its staff.
//!
//! Invariants: a service covers at least one département and one kind of childcare; its age range is stored as the first
//! birthday included and the first birthday excluded ("0–6" is 0 and 7); a position has a share of a full-time equivalent,
//! dates, and whether it counts in the ratio of the active file.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod public;
pub mod store;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("services", "Services (*pôles ressources*): their age range, their territory and their staff.");
    crate::operations!(ops, handlers::{create_service, list_services, get_service, create_position, list_positions, get_position, update_service, update_position, delete_position});
}
