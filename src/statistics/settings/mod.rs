//! Settings of statistics: the specification and the thresholds of a service, with their author and reason.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
mod store;

use crate::http::Operations;

/// Adds the operations on the settings.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_statistics_settings, update_statistics_settings});
}
