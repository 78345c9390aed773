//! Settings of statistics: by which specification a service publishes, under which thresholds, who said so and why.

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
