//! The team of a case: its référent de parcours and the other people who accompany it, each from one day to another.
//!
//! Invariants:
//! - a case has at most one référent at a time: a partial unique index decides between concurrent changes;
//! - a member is a user with a role in the service of the case, which is what reading cases requires;
//! - a person has one current part: that of a member ends when they become the référent;
//! - a change of hands ends one row and adds another: who was in charge on a day stays known;
//! - of two calls that hand one case over at once, the second is refused for that case;
//! - a change of hands can be re-dated and undone, as other entries can: its day is one for both référents.
//!
//! Choice: whoever accepts the referral that opens a case is its first référent. An API client is never one.

pub mod correct;
pub mod dto;
pub mod hand_over;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on teams.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(
        ops,
        handlers::{
            hand_over_cases, list_case_team, add_case_member, get_case_member, update_case_member, delete_case_member,
            list_case_member_history, end_case_member
        }
    );
}
