//! Activity: the live figures of a service over a period, for its own staff.
//!
//! Each figure is counted in SQL from what was recorded, under a definition with a version; a figure
//! that cannot be known is null, which is not 0. The children of two periods do not add up: a child
//! accompanied in both is one child of the whole (mistake no. 1 of every yearly report).
//!
//! These are figures of a small service, not statistics: what partners see is published apart, after
//! disclosure control.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("activity", "The live figures of a service, for its own staff.");
    crate::operations!(ops, handlers::{get_activity});
}
