//! Computing the results of a questionnaire.

use std::collections::HashMap;

use super::dto::{QuestionResults, RatingCount, SurveyResults};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::ApiError;
use crate::nomenclatures::codes::SatisfactionScale;
use crate::referents::surveys::model::{mean_hundredths, percent_hundredths, withheld_reason};
use crate::referents::surveys::ops::{find, scale, state};
use crate::referents::surveys::store;
use crate::work::Work;

/// The results of a questionnaire in scope.
pub(super) fn results(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<SurveyResults, ApiError> {
    let row = find(work, scope, id)?;
    let state = state(work, &row)?;
    let counts: HashMap<(i32, SatisfactionScale), i32> = store::counts(work.conn, id)?
        .into_iter()
        .map(|(position, rating, number)| ((position, rating), number))
        .collect();
    // Every answer rates every question: the first one gives the number of answers.
    let answers = counts.iter().filter(|((position, _), _)| *position == 1).map(|(_, number)| i64::from(*number)).sum();
    let reason = withheld_reason(state, answers);
    let scale = scale();
    let distribution = |position: i32| -> Vec<RatingCount> {
        let number = |rating: &SatisfactionScale| counts.get(&(position, rating.clone())).copied().unwrap_or_default();
        let rating = |(rating, value): &(SatisfactionScale, i64)| RatingCount {
            number: number(rating),
            value: *value,
            rating: rating.clone(),
        };
        scale.iter().map(rating).collect()
    };
    let questions = store::questions(work.conn, &[id])?.remove(&id).unwrap_or_default().into_iter().map(|question| {
        let available = reason.is_none().then(|| distribution(question.position));
        let values = available.iter().flatten().map(|count| (count.value, i64::from(count.number)));
        QuestionResults {
            position: question.position,
            text_fr: question.text_fr,
            text_en: question.text_en,
            mean: mean_hundredths(values).map(hundredths),
            distribution: available,
        }
    });
    Ok(SurveyResults {
        survey_id: row.id,
        service_id: row.service_id,
        questions: questions.collect(),
        moment: row.moment,
        title_fr: row.title_fr,
        title_en: row.title_en,
        opens_on: row.opens_on,
        closes_on: row.closes_on,
        state,
        issued: row.issued,
        answers,
        response_percent: percent_hundredths(answers, i64::from(row.issued)).map(hundredths),
        withheld: reason.is_some(),
        withheld_reason: reason,
    })
}

#[expect(clippy::cast_precision_loss, reason = "hundredths of means and rates are far below 2^52")]
fn hundredths(number: i64) -> f64 {
    number as f64 / 100.0
}
