//! Results of a questionnaire: available once it is closed and has at least five answers.

pub mod dto;
mod handlers;
pub mod ops;

use crate::http::Operations;

/// Adds the operation on results.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_survey_results});
}
