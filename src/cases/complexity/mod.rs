//! Complex situations: a case that is flagged for its grounds, and the collegial discussions about it.
//!
//! Invariants:
//! - a case has at most one complex situation at a time: a partial unique index decides between concurrent ones;
//! - a situation has at least one ground, a code of `complexity_flag`;
//! - a discussion is dated within the situation, one a day, and its decision is sealed with the key of the case.

pub mod correct;
pub mod discussions;
pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
mod shown;
pub mod store;

use crate::http::Operations;

/// Adds the operations on complex situations and their discussions.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        flag_complex_situation, list_complex_situations, get_complex_situation, update_complex_situation,
        delete_complex_situation, list_complex_situation_history, create_case_discussion, get_case_discussion,
        update_case_discussion, delete_case_discussion, list_case_discussion_history
    });
}
