//! Specifications: which tables a service publishes.
//!
//! - Every service has two, `small` and `large`, and can define others. A version never changes; a change is a new
//!   version.
//! - A table has at most two dimensions, and all tables of two dimensions of a population share one, so that their
//!   joint protection is exact.
//! - What is known only at the end of the year (outcomes, delays, interventions) is published once per year.

pub mod compile;
pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod rules;
mod store;

use crate::http::Operations;

/// Adds the operations on specifications.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{create_statistics_spec, list_statistics_specs, get_statistics_spec});
}
