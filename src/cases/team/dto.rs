//! Teams of cases in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::Capacity;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::bulk::{Problem, problem_schema};

/// A person who accompanies a case, from one day to another.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c84", "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "user_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "user_name": "La coordinatrice", "capacity": "referent",
    "starts_on": "2026-03-02", "ends_on": null, "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63",
    "author_name": "La coordinatrice", "version": 1, "created_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct CaseMember {
    /// Identifier.
    pub id: Id,
    /// The case.
    pub case_id: Id,
    /// The user account of the person.
    pub user_id: Id,
    /// Name of the person; null for API clients.
    pub user_name: Option<String>,
    /// Capacity in which the person accompanies the case.
    pub capacity: Capacity,
    /// First day.
    pub starts_on: NaiveDate,
    /// Day on which it ended; null while it lasts.
    pub ends_on: Option<NaiveDate>,
    /// Who recorded it.
    pub author: String,
    /// Name of who recorded it; null for API clients.
    pub author_name: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
}

crate::resource!(CaseMember at "/v1/case-members/");

crate::page! {
    /// A page of the team of a case.
    CaseMemberPage of CaseMember
}

/// A person to add to the team of a case.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"user_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c65", "starts_on": "2026-03-02"}))]
pub struct CaseMemberInput {
    /// The user account of the person, who has a role in the service of the case.
    pub user_id: Id,
    /// First day, not in the future and not before the case was opened. Default: today.
    pub starts_on: Option<NaiveDate>,
}

/// The end of a person's part in a case.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ends_on": "2026-03-02"}))]
pub struct CaseMemberEnd {
    /// Last day, not in the future and not before the first day. Default: today.
    pub ends_on: Option<NaiveDate>,
}

/// Cases to be handed over to another référent de parcours.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "case_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"], "referent_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c65",
    "starts_on": "2026-03-02"
}))]
pub struct HandOver {
    /// The open cases.
    #[schema(min_items = 1, max_items = 500)]
    pub case_ids: Vec<Id>,
    /// The user account of the new référent, who has a role in the service of the cases.
    pub referent_id: Id,
    /// First day, not in the future, and not before the case was opened or last handed over. Default: today.
    pub starts_on: Option<NaiveDate>,
}

text_enum! {
    /// What became of a case in a call that hands over several.
    pub enum HandOverOutcome {
        /// It has the new référent.
        Changed = "changed",
        /// It had this référent already.
        Unchanged = "unchanged",
        /// It was refused: see `problem`.
        Refused = "refused",
    }
}

/// The result for each case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "changed": 1, "unchanged": 0, "refused": 0,
    "data": [{
        "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "outcome": "changed",
        "former_referent_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63"
    }]
}))]
pub struct HandOverReport {
    /// Number of cases that have the new référent.
    #[schema(minimum = 0, maximum = 500, example = 1)]
    pub changed: usize,
    /// Number of cases that had this référent already.
    #[schema(minimum = 0, maximum = 500, example = 0)]
    pub unchanged: usize,
    /// Number of cases that were refused.
    #[schema(minimum = 0, maximum = 500, example = 0)]
    pub refused: usize,
    /// The result for each case, in the order of the request.
    #[schema(max_items = 500)]
    pub data: Vec<HandOverItem>,
}

/// The result for one case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "outcome": "changed",
    "former_referent_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63"
}))]
pub struct HandOverItem {
    /// The case.
    pub case_id: Id,
    /// What became of it.
    pub outcome: HandOverOutcome,
    /// The user account of the référent before; null if it had none.
    pub former_referent_id: Option<Id>,
    /// The problem, if the case was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = problem_schema, required = false)]
    pub problem: Option<Box<Problem>>,
}
