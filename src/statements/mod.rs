//! The statement of a convention for a year: what is due and paid, what was delivered, what remains. For the service and for
//! the collectivity that signed: a partner's client sees its own and nothing else. No figure about children goes into it.

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
