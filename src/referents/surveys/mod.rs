//! Questionnaires: rated questions, answered anonymously, once per token.
//!
//! Why an answer cannot be linked to a person:
//! - a token is not linked to anyone. It is 256 random bits, returned once to the caller who issues it and stored as a hash
//!   until it is used; using it deletes it. Of two concurrent uses, only the one that deletes it counts;
//! - no answer is stored: it increments the count of each rating of each question. An answer has no row, date, order or
//!   author, and the ratings of one person are not stored together. Free text is never asked;
//! - an answer makes no entry in the feed of changes, no event of the journal and no stored reply, and does not touch the row
//!   of the questionnaire. The log does not name a caller who sends it with an access token;
//! - results are available only once the questionnaire is closed, and a closed one cannot be reopened: nobody can
//!   compare the results before and after one answer. The instant of closing is stored when the dates are set, so that
//!   another time zone of the service reopens nothing. With fewer than five answers, results stay withheld.
//!
//! Limits: the person who hands out tokens can use them, and can tell whether one was used (not its ratings); if all of five
//! answers agree, the results reveal each of them.

pub mod answers;
pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod results;
pub mod store;

use crate::http::Operations;

/// Adds the operations on questionnaires.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
            create_survey,
            list_surveys,
            get_survey,
            update_survey,
            delete_survey,
            issue_survey_tokens,
        }
    );
    results::routes(ops);
    answers::routes(ops);
}
