//! Placements: the childcare places that a child effectively has, from a date.
//!
//! A placement has started: an expected place is the step `childcare_appointment`. A child can have several at the same time
//! (a nursery and a childminder). The end can be recorded after the case is closed: "still there at six months" is a result
//! (Cnaf).

pub mod correct;
pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on placements.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_placement, list_placements, get_placement, end_placement, update_placement, delete_placement,
        list_placement_history
    });
}
