//! Results of questionnaires in the contract.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::Id;
use crate::nomenclatures::codes::{SatisfactionScale, SurveyMoment};
use crate::referents::surveys::model::{SurveyState, WithheldReason};

/// The results of a questionnaire.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "survey_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e30", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "moment": "end_of_referent_training", "title_fr": "Fin de la formation des référentes et référents", "title_en": null,
    "opens_on": "2026-03-01", "closes_on": "2026-03-31", "state": "closed", "issued": 12, "answers": 9,
    "response_percent": 75.0, "withheld": false, "withheld_reason": null,
    "questions": [{
        "position": 1, "text_fr": "Le contenu a répondu à vos attentes.", "text_en": null, "mean": 4.22,
        "distribution": [
            {"rating": "very_dissatisfied", "value": 1, "number": 0}, {"rating": "dissatisfied", "value": 2, "number": 0},
            {"rating": "neutral", "value": 3, "number": 2}, {"rating": "satisfied", "value": 4, "number": 3},
            {"rating": "very_satisfied", "value": 5, "number": 4}
        ]
    }]
}))]
pub struct SurveyResults {
    /// The questionnaire.
    pub survey_id: Id,
    /// The service that runs the questionnaire.
    pub service_id: Id,
    /// Occasion of the questionnaire.
    pub moment: SurveyMoment,
    /// Title in French.
    pub title_fr: String,
    /// Title in English.
    pub title_en: Option<String>,
    /// First day on which it could be answered.
    pub opens_on: NaiveDate,
    /// Last day on which it could be answered.
    pub closes_on: NaiveDate,
    /// State today.
    pub state: SurveyState,
    /// Number of tokens issued.
    pub issued: i32,
    /// Number of answers so far.
    pub answers: i64,
    /// Answers as a percentage of the tokens issued, to two decimals; null if no token was issued.
    pub response_percent: Option<f64>,
    /// Whether means and distributions are withheld: until it is closed, and permanently if there are fewer than five
    /// answers.
    pub withheld: bool,
    /// Reason why they are withheld; null if they are available.
    pub withheld_reason: Option<WithheldReason>,
    /// Results per question, in order.
    #[schema(max_items = 20)]
    pub questions: Vec<QuestionResults>,
}

/// The results of a question.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QuestionResults {
    /// Position, from 1.
    pub position: i32,
    /// In French.
    pub text_fr: String,
    /// In English.
    pub text_en: Option<String>,
    /// Mean of the values, from 1 to 5, to two decimals; null while withheld.
    pub mean: Option<f64>,
    /// How often each rating was given, from worst to best; null while withheld.
    pub distribution: Option<Vec<RatingCount>>,
}

/// How often a rating was given.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RatingCount {
    /// The rating.
    pub rating: SatisfactionScale,
    /// Its value in the mean.
    #[schema(minimum = 1, maximum = 5)]
    pub value: i64,
    /// Number of times.
    pub number: i32,
}
