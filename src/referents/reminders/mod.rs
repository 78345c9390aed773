//! Reminders: what referents have left to do to be certified, or to be in order this year.

pub mod dto;
mod handlers;
pub mod ops;

use crate::http::Operations;

/// Adds the operation on reminders.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{list_referent_reminders});
}
