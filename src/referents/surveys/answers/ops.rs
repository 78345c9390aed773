//! Answering a questionnaire with a token.

use super::dto::{SurveyAnswer, SurveyQuestions, SurveyRating};
use crate::error::{ApiError, Fault, Text};
use crate::privacy::sha256;
use crate::referents::surveys::dto::SurveyQuestion;
use crate::referents::surveys::model::SurveyState;
use crate::referents::surveys::ops::state;
use crate::referents::surveys::store::{self, QuestionRow, SurveyRow};
use crate::work::Work;

/// The questions of a token, which is not used up.
pub(super) fn questions(work: &mut Work<'_>, token: &str) -> Result<SurveyQuestions, ApiError> {
    let (row, questions) = open_survey(work, &sha256(token.as_bytes()))?;
    Ok(SurveyQuestions {
        moment: row.moment,
        title_fr: row.title_fr,
        title_en: row.title_en,
        closes_on: row.closes_on,
        questions: questions.into_iter().map(SurveyQuestion::from).collect(),
    })
}

/// Counts the ratings and uses up the token. Nothing else is written, and no event is recorded: see the invariants of the
/// questionnaires.
pub(super) fn answer(work: &mut Work<'_>, answer: &SurveyAnswer) -> Result<(), ApiError> {
    let hash = sha256(answer.token.as_bytes());
    let (row, questions) = open_survey(work, &hash)?;
    let positions: Vec<i32> = questions.iter().map(|question| question.position).collect();
    ApiError::reject_if_any(faults(&positions, &answer.ratings))?;
    if !store::use_token(work.conn, &hash)? {
        return Err(token_unusable());
    }
    // In the order of the questions: two concurrent answers lock the counts in the same order and cannot deadlock.
    let mut ratings: Vec<(usize, &SurveyRating)> = answer.ratings.iter().enumerate().collect();
    ratings.sort_by_key(|(_, rating)| rating.position);
    for (index, rating) in ratings {
        if !store::count_rating(work.conn, row.id, rating.position, &rating.rating)? {
            let message = Text::new(
                "Cette note n'est pas dans l'échelle du questionnaire.",
                "This rating is not on the scale of the questionnaire.",
            );
            return Err(ApiError::rule(&format!("/ratings/{index}/rating"), "not_on_the_scale", message));
        }
    }
    Ok(())
}

/// The open questionnaire of a token, with its questions. Fails with the same error if the token is unknown or used, or
/// if the questionnaire is not open today.
fn open_survey(work: &mut Work<'_>, hash: &[u8]) -> Result<(SurveyRow, Vec<QuestionRow>), ApiError> {
    let row = store::of_token(work.conn, hash)?.ok_or_else(token_unusable)?;
    if state(work, &row)? != SurveyState::Open {
        return Err(token_unusable());
    }
    let questions = store::questions(work.conn, &[row.id])?.remove(&row.id).unwrap_or_default();
    Ok((row, questions))
}

fn token_unusable() -> ApiError {
    let message = Text::new(
        "Ce jeton est inconnu ou déjà utilisé, ou le questionnaire n'est pas ouvert.",
        "This token is unknown or already used, or the questionnaire is not open.",
    );
    ApiError::rule("/token", "token_unusable", message)
}

/// The faults of a set of ratings: each question must be rated exactly once.
fn faults(positions: &[i32], ratings: &[SurveyRating]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, rating) in ratings.iter().enumerate() {
        let (pointer, position) = (format!("/ratings/{index}/position"), rating.position);
        if !positions.contains(&position) {
            let message =
                Text::new(format!("Il n'y a pas de question {position}."), format!("There is no question {position}."));
            faults.push(Fault::new(pointer, "unknown_question", message));
        } else if ratings[..index].iter().any(|before| before.position == position) {
            let message = Text::new(
                format!("La question {position} a déjà une note."),
                format!("Question {position} already has a rating."),
            );
            faults.push(Fault::new(pointer, "repeated", message));
        }
    }
    let missing = positions.iter().filter(|position| ratings.iter().all(|rating| rating.position != **position));
    faults.extend(missing.map(|position| {
        let message = Text::new(
            format!("La question {position} n'a pas de note."),
            format!("Question {position} has no rating."),
        );
        Fault::new("/ratings", "question_not_rated", message)
    }));
    faults
}

#[cfg(test)]
mod tests {
    use crate::referents::surveys::answers::ops::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_answer_is_valid_exactly_when_it_rates_every_question_once(questions in 1i32..6, rated in prop::collection::vec(1i32..8, 1..8)) {
            let positions: Vec<i32> = (1..=questions).collect();
            let rating = |position: &i32| SurveyRating { position: *position, rating: "neutral".parse().unwrap() };
            let ratings: Vec<SurveyRating> = rated.iter().map(rating).collect();
            let mut sorted = rated.clone();
            sorted.sort_unstable();
            prop_assert_eq!(faults(&positions, &ratings).is_empty(), sorted == positions);
        }
    }
}
