//! Notes of a case: the summary of an intervention or of the work so far, and restricted notes for named readers.
//!
//! Invariants:
//! - the text is sealed by the key of the case, and reading it is journaled;
//! - whoever reads the case reads its summaries;
//! - a restricted note is read by its author and by the people whom it names, and by nobody else, `cases:correct` included: the
//!   condition is in the SQL. To others it does not exist: 404, in no list, no total and no event of the feed;
//! - a restricted note is corrected and removed by its author alone, who alone reads its history.
//!
//! Choice: others are not told that a restricted note exists. A note that says "there is something here" is a value.

pub mod correct;
pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on notes.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_case_note, list_case_notes, get_case_note, update_case_note, delete_case_note, list_case_note_history
    });
}
