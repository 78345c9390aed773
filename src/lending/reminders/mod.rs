//! Reminders: the loans that are due soon, and the overdue loans with the reservations that they endanger.

pub mod dto;
mod handlers;
pub mod ops;

use crate::http::Operations;

/// Adds the operations on reminders.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{list_loans_due_soon, list_overdue_loans});
}
