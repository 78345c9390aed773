//! Targets: the value of an indicator that a service aims at in a calendar year.
//!
//! Invariants: one target per indicator and year of a service; a target is a whole number in the unit of the indicator. It
//! says nothing of how the year went: the values show the target beside them, and how much of it is reached.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on targets.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(
        ops,
        handlers::{
            create_indicator_target, list_indicator_targets, get_indicator_target, update_indicator_target,
            delete_indicator_target
        }
    );
}
