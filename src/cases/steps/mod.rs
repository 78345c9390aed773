//! Steps: the dated milestones of a case, in the order of Cnaf's specification.
//!
//! Any step may be skipped or revisited; each is dated. Two are recorded automatically: a placement records
//! `effective_placement` and a closure records `closure`, so that neither can be recorded without its facts. They follow the
//! corrections of these, and a reopening removes the step of the closing that it undoes: a case has one closure at most.

pub mod correct;
pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on steps.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_case_step, list_case_steps, get_case_step, update_case_step, delete_case_step, list_case_step_history
    });
}
