//! Questions and answers of a questionnaire in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::nomenclatures::codes::{SatisfactionScale, SurveyMoment};
use crate::referents::surveys::dto::SurveyQuestion;

/// A token to answer a questionnaire.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "srv_3q2-7wX0k1v9T8yLr5ZbN4cM6dJ2hG1fQ0pS_uEaRtY"}))]
pub struct SurveyToken {
    /// The token.
    #[schema(min_length = 1, max_length = 100)]
    pub token: String,
}

/// The answers of one person to a questionnaire.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "token": "srv_3q2-7wX0k1v9T8yLr5ZbN4cM6dJ2hG1fQ0pS_uEaRtY", "ratings": [{"position": 1, "rating": "satisfied"}]
}))]
pub struct SurveyAnswer {
    /// The token. It can be used only once.
    #[schema(min_length = 1, max_length = 100)]
    pub token: String,
    /// One rating per question.
    #[schema(min_items = 1, max_items = 20)]
    #[validate(nested)]
    pub ratings: Vec<SurveyRating>,
}

/// The rating of a question.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"position": 1, "rating": "satisfied"}))]
pub struct SurveyRating {
    /// Position of the question.
    #[schema(minimum = 1, maximum = 20)]
    pub position: i32,
    /// How satisfied the person is.
    pub rating: SatisfactionScale,
}

/// The questions that a token gives access to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "moment": "end_of_referent_training", "title_fr": "Fin de la formation des référentes et référents", "title_en": null,
    "closes_on": "2026-03-31", "questions": [{"position": 1, "text_fr": "Le contenu a répondu à vos attentes.", "text_en": null}]
}))]
pub struct SurveyQuestions {
    /// Occasion of the questionnaire.
    pub moment: SurveyMoment,
    /// Title in French.
    pub title_fr: String,
    /// Title in English.
    pub title_en: Option<String>,
    /// Last day on which it can be answered.
    pub closes_on: NaiveDate,
    /// The questions, in order. Each is rated with a code of `/v1/nomenclatures/satisfaction_scale`.
    #[schema(max_items = 20)]
    pub questions: Vec<SurveyQuestion>,
}
