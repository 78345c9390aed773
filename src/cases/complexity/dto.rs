//! Complex situations and their discussions in the contract.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::db::{Id, UtcTs};
use crate::http::Field;
use crate::nomenclatures::codes::ComplexityFlag;
use crate::privacy::Secret;

/// The most discussions of one situation. Our choice: one a fortnight for four years.
pub(super) const MOST_DISCUSSIONS: usize = 100;

/// A complex situation to be flagged.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"grounds": ["several_partners", "no_childcare_solution"], "flagged_on": "2026-03-02"}))]
pub struct ComplexSituationInput {
    /// Why the situation is complex: one or more grounds.
    #[schema(min_items = 1, max_items = 12)]
    pub grounds: BTreeSet<ComplexityFlag>,
    /// First day: not in the future, not before the case was opened. Default: today.
    pub flagged_on: Option<NaiveDate>,
}

/// Changes to a complex situation. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ended_on": "2026-03-02"}))]
pub struct ComplexSituationPatch {
    /// Why the situation is complex.
    #[serde(default)]
    #[schema(value_type = BTreeSet<ComplexityFlag>, required = false, min_items = 1, max_items = 12)]
    pub grounds: Option<BTreeSet<ComplexityFlag>>,
    /// First day.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub flagged_on: Option<NaiveDate>,
    /// Day since which the situation is no longer complex: not in the future, not before the last discussion.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub ended_on: Field<NaiveDate>,
}

/// A complex situation of a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c88", "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "grounds": ["several_partners"], "grounds_labels": ["Plusieurs partenaires à coordonner"],
    "flagged_on": "2026-03-02", "ended_on": null,
    "discussions": [{
        "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c89", "complex_situation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c88",
        "held_on": "2026-03-16", "decision": "Accueil à temps partiel, avec la PMI.",
        "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "La coordinatrice", "version": 1,
        "created_at": "2026-03-16T09:00:00.000000Z", "updated_at": "2026-03-16T09:00:00.000000Z"
    }],
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "La coordinatrice", "version": 1,
    "created_at": "2026-03-02T09:00:00.000000Z"
}))]
pub struct ComplexSituation {
    /// Identifier.
    pub id: Id,
    /// The case.
    pub case_id: Id,
    /// Why the situation is complex, in the order of their codes.
    pub grounds: Vec<ComplexityFlag>,
    /// Labels of the grounds, in the same order and in the language of the response.
    pub grounds_labels: Vec<&'static str>,
    /// First day.
    pub flagged_on: NaiveDate,
    /// Day since which it is no longer complex; null while it is.
    pub ended_on: Option<NaiveDate>,
    /// The collegial discussions, oldest first.
    #[schema(max_items = 100)]
    pub discussions: Vec<CaseDiscussion>,
    /// Who flagged it.
    pub author: String,
    /// Name of who flagged it; null for API clients.
    pub author_name: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
}

crate::resource!(ComplexSituation at "/v1/complex-situations/");

crate::page! {
    /// A page of the complex situations of a case.
    ComplexSituationPage of ComplexSituation
}

/// A collegial discussion to be recorded.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"held_on": "2026-03-02", "decision": "Accueil à temps partiel, avec la PMI."}))]
pub struct CaseDiscussionInput {
    /// Day of the discussion: not in the future, and within the situation.
    pub held_on: NaiveDate,
    /// What was decided. Free text: personal data, encrypted at rest.
    #[schema(format = "lines", value_type = String, min_length = 1, max_length = 4000)]
    pub decision: Secret<String>,
}

/// Changes to a discussion. A merge patch (RFC 7396): an absent field keeps its value.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"decision": "Accueil à temps plein."}))]
pub struct CaseDiscussionPatch {
    /// Day of the discussion.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub held_on: Option<NaiveDate>,
    /// What was decided. Personal data, encrypted at rest.
    #[serde(default)]
    #[schema(format = "lines", value_type = String, required = false, min_length = 1, max_length = 4000)]
    pub decision: Option<Secret<String>>,
}

/// A collegial discussion of a complex situation, with its decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c89", "complex_situation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c88",
    "held_on": "2026-03-16", "decision": "Accueil à temps partiel, avec la PMI.",
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "La coordinatrice", "version": 1,
    "created_at": "2026-03-16T09:00:00.000000Z", "updated_at": "2026-03-16T09:00:00.000000Z"
}))]
pub struct CaseDiscussion {
    /// Identifier.
    pub id: Id,
    /// The complex situation.
    pub complex_situation_id: Id,
    /// Day of the discussion.
    pub held_on: NaiveDate,
    /// What was decided; null once the data of the family are erased.
    #[schema(format = "lines", value_type = Option<String>, max_length = 4000)]
    pub decision: Option<Secret<String>>,
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
}

crate::resource!(CaseDiscussion at "/v1/case-discussions/");
