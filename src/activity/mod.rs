//! Activity: the live figures of a service over a period, for its own staff.
//!
//! Each figure is counted in SQL from the recorded data, under a versioned definition. A figure that cannot be known is
//! null, which is not 0. The children of two periods do not add up: a child accompanied in both counts once in the
//! whole period.
//!
//! These are figures of a small service, not statistics: partners see only the releases published after disclosure
//! control.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;
pub mod workload;

use crate::http::Operations;

/// Registers the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("activity", "Live figures of a service, for its own staff.");
    crate::operations!(ops, handlers::{get_activity});
    workload::routes(ops);
}
