//! Questionnaires in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::SurveyState;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::nomenclatures::codes::SurveyMoment;

/// A questionnaire to be created.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "moment": "end_of_referent_training",
    "title_fr": "Fin de la formation des référentes et référents", "opens_on": "2030-03-01", "closes_on": "2030-03-31",
    "questions": [{"text_fr": "Le contenu a répondu à vos attentes.", "text_en": "The content met your expectations."}]
}))]
pub struct SurveyInput {
    /// The service that runs the questionnaire.
    pub service_id: Id,
    /// Occasion of the questionnaire.
    pub moment: SurveyMoment,
    /// Title in French.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_fr: String,
    /// Title in English.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_en: Option<String>,
    /// First day on which it can be answered.
    pub opens_on: NaiveDate,
    /// Last day on which it can be answered, not in the past. From the day after, the results are available and the
    /// questionnaire can no longer be opened.
    pub closes_on: NaiveDate,
    /// The questions, in order. Each is rated from `very_dissatisfied` to `very_satisfied`.
    #[schema(min_items = 1, max_items = 20)]
    #[validate(nested)]
    pub questions: Vec<SurveyQuestionInput>,
}

/// A question to be rated.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text_fr": "Le contenu a répondu à vos attentes."}))]
pub struct SurveyQuestionInput {
    /// In French.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S")]
    pub text_fr: String,
    /// In English.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S")]
    pub text_en: Option<String>,
}

/// Changes to a questionnaire. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title_en": "End of the referents' training", "closes_on": "2030-04-15"}))]
pub struct SurveyPatch {
    /// Title in French.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_fr: Option<String>,
    /// Title in English; null if there is none.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_en: Field<String>,
    /// First day on which it can be answered. It can change until the questionnaire is closed.
    #[serde(default)]
    #[schema(value_type = String, format = Date, required = false)]
    pub opens_on: Option<NaiveDate>,
    /// Last day on which it can be answered, not in the past. It can change until the questionnaire is closed.
    #[serde(default)]
    #[schema(value_type = String, format = Date, required = false)]
    pub closes_on: Option<NaiveDate>,
    /// All the questions, in order. They can change until the first token is issued.
    #[serde(default)]
    #[schema(value_type = Vec<SurveyQuestionInput>, required = false, min_items = 1, max_items = 20)]
    #[validate(nested)]
    pub questions: Option<Vec<SurveyQuestionInput>>,
}

/// Tokens to be issued.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"count": 12}))]
pub struct SurveyTokensInput {
    /// Number of tokens.
    #[schema(minimum = 1, maximum = 200)]
    pub count: i32,
}

/// Issued tokens, returned only once. Hand them out in random order: nothing records who got which.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "survey_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e30", "issued": 12,
    "tokens": ["srv_3q2-7wX0k1v9T8yLr5ZbN4cM6dJ2hG1fQ0pS_uEaRtY"]
}))]
pub struct IssuedSurveyTokens {
    /// The questionnaire.
    pub survey_id: Id,
    /// Number of tokens issued so far, these included.
    pub issued: i32,
    /// The new tokens. Each can be used once.
    #[schema(max_items = 200)]
    pub tokens: Vec<String>,
}

/// A questionnaire. Its answers appear only in its results and do not change this object.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e30", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "moment": "end_of_referent_training", "title_fr": "Fin de la formation des référentes et référents", "title_en": null,
    "opens_on": "2026-03-01", "closes_on": "2026-03-31", "closes_at": "2026-03-31T22:00:00.000000Z",
    "state": "open",
    "questions": [{"position": 1, "text_fr": "Le contenu a répondu à vos attentes.", "text_en": null}],
    "issued": 12, "version": 2, "created_at": "2026-02-20T08:15:00.000000Z", "updated_at": "2026-03-01T08:15:00.000000Z"
}))]
pub struct Survey {
    /// Identifier.
    pub id: Id,
    /// The service that runs the questionnaire.
    pub service_id: Id,
    /// Occasion of the questionnaire.
    pub moment: SurveyMoment,
    /// Title in French.
    pub title_fr: String,
    /// Title in English.
    pub title_en: Option<String>,
    /// First day on which it can be answered.
    pub opens_on: NaiveDate,
    /// Last day on which it can be answered.
    pub closes_on: NaiveDate,
    /// When it closes for good: the end of `closes_on`, in the time zone that the service had when the date was set. A
    /// later change of the time zone does not move it.
    pub closes_at: UtcTs,
    /// State now.
    pub state: SurveyState,
    /// The questions, in order.
    #[schema(max_items = 20)]
    pub questions: Vec<SurveyQuestion>,
    /// Number of tokens issued.
    pub issued: i32,
    /// Version of the row.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it last changed. Answers do not change it.
    pub updated_at: UtcTs,
}

/// A question of a questionnaire.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"position": 1, "text_fr": "Le contenu a répondu à vos attentes.", "text_en": null}))]
pub struct SurveyQuestion {
    /// Position, from 1.
    pub position: i32,
    /// In French.
    pub text_fr: String,
    /// In English.
    pub text_en: Option<String>,
}

crate::resource!(Survey at "/v1/surveys/");

crate::page! {
    /// A page of questionnaires.
    SurveyPage of Survey
}

text_enum! {
    /// Sort order of the list of questionnaires.
    pub enum SurveySort {
        /// Latest opening date first.
        OpensOnDesc = "-opens_on",
        /// Earliest opening date first.
        OpensOn = "opens_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters on questionnaires: all the given ones apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct SurveyFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Only this service. When absent: every service that the caller can access.
    pub service_id: Option<Id>,
    /// Only the questionnaires of this occasion.
    pub moment: Option<SurveyMoment>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: latest opening date first.
    pub sort: Option<SurveySort>,
}
