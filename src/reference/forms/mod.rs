//! The forms of the operations: what a front end needs to show the fields of a request, without typing a label.

pub mod dto;
mod handlers;
pub mod ops;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("forms", "Open data: the fields of each request with their titles and code lists.");
    passerelle_platform::operations!(ops, handlers::{get_form});
}
