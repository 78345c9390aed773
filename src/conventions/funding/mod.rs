//! The funding of a service: how much each funder gives per year, planned and received, and whether the shares add up.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Registers the operations on funding.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_funding, list_fundings, get_funding, update_funding, delete_funding, get_funding_plan
    });
}
