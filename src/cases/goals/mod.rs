//! Goals: what the family and the service want to reach, and how far they are at each dated review.
//!
//! Invariants:
//! - the wording of a goal and the comments of its reviews are sealed with the key of the case;
//! - attainment is a number from 0 to 4, given at a review; that of a goal is the one of its latest review, never stored;
//! - a goal has one review per day;
//! - a goal with reviews is closed, not deleted.

pub mod dto;
mod handlers;
pub mod ops;
pub mod reviews;
pub mod store;

use crate::http::Operations;

/// Adds the operations on goals and their reviews.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{create_goal, list_goals, get_goal, update_goal, delete_goal, list_goal_history,
        create_goal_review, get_goal_review, update_goal_review, delete_goal_review, list_goal_review_history});
}
