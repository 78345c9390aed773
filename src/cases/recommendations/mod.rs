//! Recommendations (*préconisations*): what the service recommends for a child or a structure, to whom, and what became of it.
//!
//! Invariants:
//! - the text is sealed by the key of the case; who it is addressed to is a kind of people and never a name;
//! - an adaptation of childcare may be said with its code, and nothing else has one;
//! - it is made between the first day of work on the case and its closing, and checked then or later;
//! - whether it was applied and the day on which that was checked are said together. Anybody says so first; what is there
//!   already is corrected by who recorded it, or with `cases:correct`.
//!
//! Choice: no source has a list of kinds; that of the code list is ours.

pub mod correct;
pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on recommendations.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_recommendation, list_recommendations, get_recommendation, update_recommendation, delete_recommendation,
        list_recommendation_history
    });
}
