//! The live values of the indicators of a service, period by period, for its own staff.
//!
//! A call reads the facts of one indicator in one statement: rows with their day, or their first and last day. The values
//! of every period are computed from them by the pure rules of `model`, so a chart of five years costs as much as a year.
//! The values of a period equal those of the reports: a test compares them.
//!
//! - A value that cannot be known is null, with the reason. Null is not 0.
//! - Periods are whole: a month or a school year (September to August) is never cut by `from` and `to`.
//! - What does not add up says so: the children of two half-years are not those of the year.
//!
//! Live values are not statistics: partners see only releases, after disclosure control.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;
pub mod targets;

use crate::http::Operations;

/// Registers the slice's operations.
pub fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{list_indicator_values});
    targets::routes(ops);
}
