//! Reviews of placements: some months after the start, the service asks whether the child is still there. "Still there at six
//! months" (Cnaf) is an answer, and not a guess.
//!
//! Invariants:
//! - the rows are written with the placement, one per month of the settings of the service, and move with its first and last
//!   day: no job makes them due;
//! - a review has one answer, given on the day it is due or later; that the child left can be said earlier;
//! - it can be answered when the case is closed;
//! - `left` goes with the last day of the placement;
//! - the note is sealed with the key of the case.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod page;
pub mod plan;
pub mod store;

use crate::http::Operations;

/// Adds the operations on reviews of placements.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_placement_review, list_reviews_of_placement, list_placement_reviews, get_placement_review,
        update_placement_review, delete_placement_review, list_placement_review_history
    });
}
