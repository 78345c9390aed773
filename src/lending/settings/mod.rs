//! Lending settings: the length of a loan, the buffer between two loans, the open days of the service.
//!
//! Invariants: the maximum length of a loan is not less than the usual length; the service is open on at least one
//! weekday; no two closing periods overlap, and together they never close it for more than a year. A change applies to
//! later bookings only. Public holidays are offered, and close nothing by themselves.

pub mod dto;
mod handlers;
pub mod holidays;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on the settings.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_kit_settings, update_kit_settings, get_public_holidays});
}
