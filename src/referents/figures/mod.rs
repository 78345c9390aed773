//! Figures of the network, for the service's own staff: appointments, departures, turnover and standings.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operation on figures.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_referent_figures});
}
