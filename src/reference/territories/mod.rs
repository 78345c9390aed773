//! The map of France as open data: territories by code, name or parent. The map is in the crate `passerelle-reference`.

pub mod dto;
mod handlers;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("territories", "Open data: the regions, départements, EPCI and communes of France, by official code.");
    passerelle_platform::operations!(ops, handlers::{list_territories, get_territory});
}
