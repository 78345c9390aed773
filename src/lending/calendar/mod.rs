//! The calendar of the kits for calendar applications, at a secret URL that can be revoked.
//!
//! Invariants: the URL is returned once, and its token is stored as a hash; the calendar contains no personal data,
//! only kits, copies, days and states. Anyone who has the URL can read the calendar, so each application should have
//! its own.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on calendars.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{create_kit_calendar, list_kit_calendars, delete_kit_calendar, read_kit_calendar});
}
