//! The code lists of the API as open data. The lists are in the crate `passerelle-reference`.

pub mod dto;
mod handlers;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("nomenclatures", "Open data: the code lists that requests and responses refer to.");
    passerelle_platform::operations!(ops, handlers::{list_nomenclatures, get_nomenclature});
}
