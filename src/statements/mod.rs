//! Statements: for a convention and a calendar year, the amounts due and received, and the complementary services
//! delivered. For the service and for the local authority that signed: a partner's client sees its own statements only.
//! A statement contains no figures about children.

pub mod dto;
mod handlers;
pub mod ops;
mod page;
pub mod quotas;
pub mod store;

use crate::http::Operations;

/// Adds the slice's operations, under the tag of the conventions.
pub fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{list_statements, get_convention_statement});
    quotas::routes(ops);
}
