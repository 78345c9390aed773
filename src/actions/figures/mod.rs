//! Figures of the collective actions, for a service's own staff.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Registers the operation on figures.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_action_figures});
}
