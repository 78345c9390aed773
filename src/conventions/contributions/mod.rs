//! Contributions: what a collectivity owes for a calendar year, computed once, shown with its formula, frozen.
//!
//! Pro rata of the population, or flat; by calendar month, the first and the last counted. Immutable at the signature of the
//! convention, or at once when it is signed already: the database refuses to change it then.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
mod population;
pub mod store;

use crate::http::Operations;

/// Adds the operations on contributions.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_contribution, list_contributions, get_contribution, delete_contribution
    });
}
