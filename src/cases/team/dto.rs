//! Teams of cases in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::Capacity;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::http::bulk::{Problem, problem_schema};
use crate::naming::model::{Named, Names};
use crate::privacy::Secret;

/// A person who accompanies a case, from one day to another.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c84", "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "user_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "user_name": "La coordinatrice", "user_disabled": false, "capacity": "referent",
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
    /// Whether the user account of the person is disabled: they can do nothing more for the case.
    pub user_disabled: bool,
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

/// Changes to a part in a team. A merge patch (RFC 7396): an absent field keeps its value, null removes it. A change of hands
/// is one day: the last one of the former référent follows the first one of the next, and the other way round.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"starts_on": "2026-03-02"}))]
pub struct CaseMemberPatch {
    /// First day: not in the future, not before the case was opened or the former référent came.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub starts_on: Option<NaiveDate>,
    /// Last day, of a part that has ended; null if the person still accompanies the case. To end one, use `end`.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub ends_on: Field<NaiveDate>,
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
    /// The référent whom the cases have, as the caller sees it: a case that has another one, or none, is refused (`conflict`).
    /// By default, whoever is in charge when the call arrives.
    pub from_referent_id: Option<Id>,
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
        "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "case_name": "Zoé Exemple", "outcome": "changed",
        "former_referent_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "former_referent_name": "Dominique Exemple"
    }],
    "warnings": []
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
    /// What to know about the change of hands, which prevents nothing.
    #[schema(max_items = 100)]
    pub warnings: Vec<HandOverWarning>,
}

/// Something to know about a change of hands: the new référent is away on its first day.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "absence", "user_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c65", "user_name": "La coordinatrice",
    "absence_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f40", "starts_on": "2026-03-02", "ends_on": "2026-03-06"
}))]
pub struct HandOverWarning {
    /// What it is: `absence`. Accept codes that you do not know.
    #[schema(value_type = String, max_length = 64)]
    pub code: &'static str,
    /// The new référent.
    pub user_id: Id,
    /// Their name; null for API clients.
    pub user_name: Option<String>,
    /// The absence.
    pub absence_id: Id,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day.
    pub ends_on: NaiveDate,
}

impl Named for HandOverWarning {
    fn show_names(&mut self, names: &mut Names) {
        names.user(Some(self.user_id), &mut self.user_name);
    }
}

/// The result for one case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "case_name": "Zoé Exemple", "outcome": "changed",
    "former_referent_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "former_referent_name": "Dominique Exemple"
}))]
pub struct HandOverItem {
    /// The case.
    pub case_id: Id,
    /// Name of the child or of the structure; null if the caller does not hold `households:read` or `organisations:read`.
    #[schema(value_type = Option<String>)]
    pub case_name: Option<Secret<String>>,
    /// What became of it.
    pub outcome: HandOverOutcome,
    /// The user account of the référent before; null if it had none.
    pub former_referent_id: Option<Id>,
    /// Their name; null for API clients.
    pub former_referent_name: Option<String>,
    /// The problem, if the case was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = problem_schema, required = false)]
    pub problem: Option<Box<Problem>>,
}

impl Named for HandOverItem {
    fn show_names(&mut self, names: &mut Names) {
        names.case(Some(self.case_id), &mut self.case_name);
        names.user(self.former_referent_id, &mut self.former_referent_name);
    }
}
