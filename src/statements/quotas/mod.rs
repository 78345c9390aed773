//! Quotas: the complementary services for which a convention has no action left in a year.

pub mod dto;
mod handlers;
pub mod ops;

use crate::http::Operations;

/// Adds the operation on quotas.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{list_used_up_quotas});
}
