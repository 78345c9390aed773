//! Placements: the childcare places that a child has, had or expects.
//!
//! Invariants:
//! - a place whose first day is in the future is planned, until somebody confirms that the child came, or that it did not come
//!   about: a day that passes proves nothing;
//! - a place that started before the case was opened is one that the child already had: it records no step, and no figure
//!   counts it as an effective placement;
//! - one that started during the case is effective, and records the step `effective_placement`;
//! - a child can have several at the same time (a nursery and a childminder), one of them the main one;
//! - the end can be recorded after the case is closed: "still there at six months" is a result (Cnaf).
//!
//! ```text
//! first day in the future ──► planned ── cancel ──► cancelled
//!                                │ confirm
//! first day in the case ──► started ──┐ last day past
//! first day before it ───► existing ──┴──► ended
//! ```

pub mod act;
pub mod correct;
pub mod dto;
pub mod found;
mod handlers;
pub mod model;
pub mod ops;
pub mod reviews;
pub mod store;

use crate::http::Operations;

/// Adds the operations on placements.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_placement, list_placements, get_placement, confirm_placement, cancel_placement, end_placement,
        update_placement, delete_placement, list_placement_history
    });
    reviews::routes(ops);
}
