//! Suspensions of a case: the work pauses, for a reason, from one day to another.
//!
//! Invariants:
//! - a suspended case is an open case: it counts wherever open cases count, and work on it may go on;
//! - the periods of a case do not overlap: a partial unique index decides between concurrent suspensions, and a new one starts
//!   after the last resumption;
//! - the next follow-up is set aside, and given back at the resumption, so neither the agenda nor the list of what is overdue has
//!   it meanwhile. One that is planned during the suspension is there: somebody wants it;
//! - the closing of a case ends its suspension.

pub mod closing;
pub mod correct;
pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on suspensions.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        suspend_case, resume_case, list_case_suspensions, get_case_suspension, update_case_suspension,
        delete_case_suspension, list_case_suspension_history
    });
}
