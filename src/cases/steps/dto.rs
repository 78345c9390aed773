//! Steps in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::db::{Id, UtcTs};
use crate::http::reply::Located;
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
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "created_at": "2026-03-20T14:02:00.000000Z"
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
    /// Who recorded it.
    pub author: String,
    /// When it was recorded.
    pub created_at: UtcTs,
}

impl Located for Step {
    fn location(&self) -> String {
        format!("/v1/cases/{}/steps", self.case_id)
    }
}

crate::page! {
    /// A page of the steps of a case.
    CaseStepPage of Step
}
