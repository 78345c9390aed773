//! Figures of the network, for a service's own staff: where referents stand, who came, who left, how fast it turns over.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operation on figures.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_referent_figures});
}
