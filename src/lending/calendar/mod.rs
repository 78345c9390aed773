//! The calendar of the kits for calendar applications: a secret address that can be revoked.
//!
//! Invariants: the address is shown once and kept as a hash; what it shows names nobody: kits, copies, days, states. Whoever
//! has the address reads the calendar, so each use gets one of its own, which can be withdrawn alone.

pub mod dto;
mod handlers;
mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on calendars.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{create_kit_calendar, list_kit_calendars, delete_kit_calendar, read_kit_calendar});
}
