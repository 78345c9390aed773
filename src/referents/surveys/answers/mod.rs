//! Answering a questionnaire, with a token and without an account.
//!
//! The token is in the body because URLs end up in logs.

pub mod dto;
mod handlers;
pub mod ops;

use crate::http::Operations;

/// Adds the public operations.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{read_survey_questions, answer_survey});
}
