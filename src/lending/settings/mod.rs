//! How a service lends: for how long, with how much time between two loans, on which days it is open.
//!
//! Invariants: the longest loan is not shorter than the usual one; the service is open on at least one day of the week; two
//! closing periods do not overlap. A reservation keeps the buffer that it was booked with: a change binds what is booked next.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on the settings.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_kit_settings, update_kit_settings});
}
