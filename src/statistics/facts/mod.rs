//! Facts: figures that were made public elsewhere, by a council's minutes or a newspaper. The protection reckons with them:
//! whoever reads a release may know them.
//!
//! A fact does not change; it can be deleted while no release reckoned with it.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
mod store;

use crate::http::Operations;

/// Adds the operations on facts.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_statistics_fact, list_statistics_facts, get_statistics_fact, delete_statistics_fact
    });
}
