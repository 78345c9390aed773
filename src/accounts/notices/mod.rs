//! Notices: what a person must learn about their account, and a manager about the accounts of their service.
//!
//! Invariants: nobody can prevent a notice of what they did; a notice holds identifiers and codes, never a name; it is kept
//! for a year. `crate::notices` writes them.

pub mod dto;
mod handlers;
pub mod ops;
mod store;

use crate::http::Operations;

pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{list_notices});
}
