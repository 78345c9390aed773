//! The timetable of the kits: which copy is with whom on which day, of all kits of a service in one list.
//!
//! A screen that shows the kits as rows and the days as columns needs nothing else.

pub mod dto;
mod handlers;
pub mod ops;
mod store;

use crate::http::Operations;

/// Adds the operation on the timetable.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{list_kit_timetable});
}
