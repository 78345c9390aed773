//! Merges of two children that were recorded for one, with their households and open cases, and their undoing.
//!
//! Invariants:
//! - the survivor keeps its identifier, and everything that named the absorbed child, household or case names the survivor;
//! - what would break a rule, or would have to be decided by a person, refuses the merge: all obstacles at once;
//! - the rows that are gone are kept sealed in the merge, and the keys of the absorbed household open for the survivor: erasing
//!   the survivor destroys both;
//! - histories that only grow stay as they are: the history of a case is read with those of the cases that it absorbed;
//! - a merge is undone within 30 days, exactly, unless something new hangs on what it touched.

mod acts;
pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
mod reseal;
mod show;
mod store;
mod undo;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("child-merges", "Two children that were recorded for one become one; the merge can be undone for 30 days.");
    crate::operations!(ops, handlers::{merge_child, list_child_merges, get_child_merge, undo_child_merge});
}
