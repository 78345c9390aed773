//! Questionnaires in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use super::model::SurveyState;
use super::store::{QuestionRow, SurveyRow};
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::http::body::broken;
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::http::reply::Located;
use crate::nomenclatures::codes::SurveyMoment;

/// A questionnaire to be made.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "closes_after_it_opens"))]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "moment": "end_of_referent_training",
    "title_fr": "Fin de la formation des référents", "opens_on": "2030-03-01", "closes_on": "2030-03-31",
    "questions": [{"text_fr": "Le contenu a répondu à vos attentes.", "text_en": "The content met your expectations."}]
}))]
pub struct NewSurvey {
    /// The service that asks.
    pub service_id: Id,
    /// When it is asked.
    pub moment: SurveyMoment,
    /// Title in French.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_fr: String,
    /// Title in English.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_en: Option<String>,
    /// The first day on which it can be answered.
    pub opens_on: NaiveDate,
    /// The last one, not in the past: from the day after, its results are shown and it opens no more.
    pub closes_on: NaiveDate,
    /// What is rated, in order, from `very_dissatisfied` to `very_satisfied`.
    #[schema(min_items = 1, max_items = 20)]
    #[validate(nested)]
    pub questions: Vec<NewSurveyQuestion>,
}

fn closes_after_it_opens(new: &NewSurvey) -> Result<(), ValidationError> {
    if new.closes_on >= new.opens_on {
        return Ok(());
    }
    Err(ends_before_start())
}

fn ends_before_start() -> ValidationError {
    broken("ends_before_start", "closes_on", "La fermeture précède l'ouverture.", "It closes before it opens.")
}

/// Something to be rated.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text_fr": "Le contenu a répondu à vos attentes."}))]
pub struct NewSurveyQuestion {
    /// In French.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S")]
    pub text_fr: String,
    /// In English.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S")]
    pub text_en: Option<String>,
}

/// A correction of a questionnaire, as a merge patch: what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title_en": "End of the referents' training", "closes_on": "2030-04-15"}))]
pub struct SurveyPatch {
    /// Title in French.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_fr: Option<String>,
    /// Title in English; null when it has none.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_en: Field<String>,
    /// The first day on which it can be answered: while it is not closed.
    #[serde(default)]
    #[schema(value_type = String, format = Date, required = false)]
    pub opens_on: Option<NaiveDate>,
    /// The last one, not in the past: while it is not closed.
    #[serde(default)]
    #[schema(value_type = String, format = Date, required = false)]
    pub closes_on: Option<NaiveDate>,
    /// All the questions, in order: while no token was given out.
    #[serde(default)]
    #[schema(value_type = Vec<NewSurveyQuestion>, required = false, min_items = 1, max_items = 20)]
    #[validate(nested)]
    pub questions: Option<Vec<NewSurveyQuestion>>,
}

/// Tokens to be given out.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"count": 12}))]
pub struct NewSurveyTokens {
    /// How many.
    #[schema(minimum = 1, maximum = 200)]
    pub count: i32,
}

/// Tokens, shown this once. Hand them out in no order: which one somebody got is nowhere.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "survey_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e30", "issued": 12,
    "tokens": ["srv_3q2-7wX0k1v9T8yLr5ZbN4cM6dJ2hG1fQ0pS_uEaRtY"]
}))]
pub struct IssuedSurveyTokens {
    /// The questionnaire.
    pub survey_id: Id,
    /// Tokens given out so far, these included.
    pub issued: i32,
    /// The new tokens: each answers once.
    #[schema(max_items = 200)]
    pub tokens: Vec<String>,
}

/// A questionnaire. Its answers are in its results alone, and change nothing here.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e30", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "moment": "end_of_referent_training", "title_fr": "Fin de la formation des référents", "title_en": null,
    "opens_on": "2026-03-01", "closes_on": "2026-03-31", "state": "open",
    "questions": [{"position": 1, "text_fr": "Le contenu a répondu à vos attentes.", "text_en": null}],
    "issued": 12, "version": 2, "created_at": "2026-02-20T08:15:00.000000Z", "updated_at": "2026-03-01T08:15:00.000000Z"
}))]
pub struct Survey {
    /// Identifier.
    pub id: Id,
    /// The service that asks.
    pub service_id: Id,
    /// When it is asked.
    pub moment: SurveyMoment,
    /// Title in French.
    pub title_fr: String,
    /// Title in English.
    #[schema(required = true)]
    pub title_en: Option<String>,
    /// The first day on which it can be answered.
    pub opens_on: NaiveDate,
    /// The last one.
    pub closes_on: NaiveDate,
    /// Where it stands today.
    pub state: SurveyState,
    /// What is rated, in order.
    #[schema(max_items = 20)]
    pub questions: Vec<SurveyQuestion>,
    /// Tokens given out.
    pub issued: i32,
    /// Version of the row.
    pub version: i32,
    /// When it was made.
    pub created_at: UtcTs,
    /// When it last changed; answers do not change it.
    pub updated_at: UtcTs,
}

/// Something that is rated.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"position": 1, "text_fr": "Le contenu a répondu à vos attentes.", "text_en": null}))]
pub struct SurveyQuestion {
    /// Its place, from 1.
    pub position: i32,
    /// In French.
    pub text_fr: String,
    /// In English.
    #[schema(required = true)]
    pub text_en: Option<String>,
}

impl From<QuestionRow> for SurveyQuestion {
    fn from(row: QuestionRow) -> Self {
        Self { position: row.position, text_fr: row.text_fr, text_en: row.text_en }
    }
}

impl Survey {
    pub(super) fn new(row: SurveyRow, questions: Vec<QuestionRow>, today: NaiveDate) -> Self {
        Self {
            id: row.id,
            service_id: row.service_id,
            moment: row.moment,
            title_fr: row.title_fr,
            title_en: row.title_en,
            opens_on: row.opens_on,
            closes_on: row.closes_on,
            state: SurveyState::on(today, row.opens_on, row.closes_on),
            questions: questions.into_iter().map(SurveyQuestion::from).collect(),
            issued: row.issued,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(Survey);

impl Located for Survey {
    fn location(&self) -> String {
        format!("/v1/surveys/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::page! {
    /// A page of questionnaires.
    SurveyPage of Survey
}

text_enum! {
    /// Order of the list of questionnaires.
    pub enum SurveySort {
        /// The last to open first.
        OpensOnDesc = "-opens_on",
        /// The first to open first.
        OpensOn = "opens_on",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
    }
}

/// Which questionnaires; every condition that is given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct SurveyFilter {
    /// Of this service; of every service that the token may see when absent.
    pub service_id: Option<Id>,
    /// Asked at this moment.
    pub moment: Option<SurveyMoment>,
    /// Changed at this instant or later. A change is seen once it is committed, which is a little after its instant: to miss
    /// none, ask again from a minute earlier.
    pub updated_since: Option<UtcTs>,
    /// Order, the last to open first unless said.
    pub sort: Option<SurveySort>,
}

impl QueryParams for SurveyFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<SurveyMoment>();
        description.reference::<UtcTs>();
        description.reference::<SurveySort>();
    }
}
