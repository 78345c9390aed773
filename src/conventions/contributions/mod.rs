//! Contributions: what a local authority owes for a calendar year, computed once, returned with its formula, then
//! frozen.
//!
//! [`model`] holds the rule: a rate per inhabitant or a flat sum, by calendar month. A contribution is frozen when the
//! convention is signed, or at once if it is already signed; from then on a trigger refuses to change it.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
mod overlaps;
mod population;
pub mod store;

use crate::http::Operations;

/// Registers the operations on contributions.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_contribution, list_contributions, get_contribution, delete_contribution
    });
}
