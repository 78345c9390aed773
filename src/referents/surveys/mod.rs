//! Questionnaires: questions that are rated, answered once each with a token, by people whom nothing points to.
//!
//! What keeps an answer from pointing to a person:
//! - a token is linked to nobody. It is 256 random bits, shown once to whoever hands it out, and kept as a hash until it is
//!   used; using it deletes it. Of two uses that race, the one that deletes it answers;
//! - no answer is kept: it adds one to the number of times that each rating was given to each question. There is no row, date,
//!   order or author of an answer, nor are the ratings of one person kept together. Free text is never asked;
//! - an answer is no change for whoever follows, no event of the journal and no stored reply, and does not touch the row of the
//!   questionnaire. Whoever sends it with an access token is not named in the log;
//! - results are shown once the questionnaire is closed, and a closed one opens no more: nobody sees the results without and
//!   then with one answer. With fewer than five answers they stay withheld for good.
//!
//! What it cannot: whoever hands tokens out can use them, and sees whether one was used (not what it said); five answers that
//! agree tell what each of the five said.

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
