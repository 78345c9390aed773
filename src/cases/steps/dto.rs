//! Steps in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::cases::corrections::dto::CountedIn;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::naming::model::{Named, Names};
use crate::nomenclatures::codes::CaseStep;
use crate::privacy::Secret;

/// A step to be recorded.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "step": "childcare_search", "reached_on": "2026-03-20", "note": "Deux multi-accueils contactés, visites à fixer."
}))]
pub struct StepInput {
    /// The step reached. Neither `effective_placement` nor `closure`: a placement and a closure record them.
    pub step: CaseStep,
    /// Day on which it was reached: not in the future, and not before the case was opened.
    pub reached_on: NaiveDate,
    /// Free text: personal data, encrypted at rest.
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Option<Secret<String>>,
}

/// A step of a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CaseStepRecord, example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c80", "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "step": "childcare_search", "reached_on": "2026-03-20", "note": "Deux multi-accueils contactés, visites à fixer.",
    "placement_id": null, "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10",
    "author_name": "Dominique Exemple", "version": 1,
    "created_at": "2026-03-20T14:02:00.000000Z", "updated_at": "2026-03-20T14:02:00.000000Z"
}))]
pub struct Step {
    /// Identifier.
    pub id: Id,
    /// The case.
    pub case_id: Id,
    /// The step reached.
    pub step: CaseStep,
    /// Day on which it was reached.
    pub reached_on: NaiveDate,
    /// Free text; null if there is none, or if the personal data were erased.
    #[schema(value_type = Option<String>)]
    pub note: Option<Secret<String>>,
    /// The placement that recorded it. Correct or remove the placement: the step follows.
    pub placement_id: Option<Id>,
    /// Who recorded it.
    pub author: String,
    /// Name of who recorded it; null for API clients.
    pub author_name: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
    /// In the response to a correction only: the published releases that counted the child in the years of the step. They
    /// count no steps, and do not change.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<CountedIn>, required = false)]
    pub counted_in: Option<Vec<CountedIn>>,
}

impl Named for Step {
    fn show_names(&mut self, names: &mut Names) {
        names.author(Some(&self.author), &mut self.author_name);
    }
}

crate::resource!(Step at "/v1/case-steps/");

/// Changes to a step. A merge patch (RFC 7396): an absent field keeps its value, null removes it. The result must meet the
/// rules of a new step.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(as = CaseStepPatch, example = json!({"reached_on": "2026-03-19", "note": null}))]
pub struct StepPatch {
    /// The step reached. Neither `effective_placement` nor `closure`: a placement and a closure record them.
    #[serde(default)]
    #[schema(value_type = CaseStep, required = false)]
    pub step: Option<CaseStep>,
    /// Day on which it was reached: not in the future, not before the case was opened, and not after it was closed.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub reached_on: Option<NaiveDate>,
    /// Free text: personal data, encrypted at rest.
    #[serde(default)]
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Field<Secret<String>>,
}

crate::page! {
    /// A page of the steps of a case.
    CaseStepPage of Step
}

text_enum! {
    /// Sort order of the steps of a case.
    pub enum CaseStepSort {
        /// Latest first.
        ReachedOnDesc = "-reached_on",
        /// Earliest first.
        ReachedOn = "reached_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters on the steps of a case.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct CaseStepFilter {
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub(super) updated_since: Option<UtcTs>,
    /// Sort order. Default: earliest first.
    pub(super) sort: Option<CaseStepSort>,
}
