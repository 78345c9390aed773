//! Acts in the contract: work about several cases, or about none, and a week of work in one call.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::{InterventionInput, Participants, distinct, not_earlier, unique_kinds};
use crate::db::Id;
use crate::http::body::broken_rule;
use crate::http::bulk::{Bulk, BulkInput, Outcome, Problem};
use crate::nomenclatures::codes::{InterventionMode, InterventionPlace, InterventionType};
use crate::privacy::Secret;

/// An act to be recorded: a piece of work about up to twenty cases of a service, or about none.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "act_rules", skip_on_field_errors = false))]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "case_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"],
    "type": "synthesis_meeting", "held_on": "2026-03-12", "minutes": 50, "travel_minutes": 20, "place": "partner_premises",
    "participants": [{"kind": "pmi_professional", "number": 2}],
    "notes": [{"case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "note": "La PMI propose un accueil progressif."}]
}))]
pub struct ActInput {
    /// The service.
    pub service_id: Id,
    /// The cases that it is about, each once. None for a type of work about no case.
    #[serde(default)]
    #[schema(max_items = 20)]
    #[validate(custom(function = "distinct"))]
    pub case_ids: Vec<Id>,
    /// Type of intervention. The code list says which types are about no case (`no_case`).
    #[serde(rename = "type")]
    pub kind: InterventionType,
    /// Day: not in the future, not before the service opened, and for each case not before its first referral arrived.
    pub held_on: NaiveDate,
    /// Duration in minutes, without travel. Shared equally between the cases; the first ones get the minutes that are left over.
    #[schema(minimum = 1, maximum = 1440)]
    pub minutes: i32,
    /// Travel time in minutes, both ways. Shared in the same way. Default: 0.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1440)]
    pub travel_minutes: i32,
    /// Place.
    pub place: InterventionPlace,
    /// How it is counted. Default: the mode of its type in the code list.
    pub mode: Option<InterventionMode>,
    /// The structure concerned.
    pub organisation_id: Option<Id>,
    /// Whether it was on school time: only allowed for a bridge to school. Default: false.
    #[serde(default)]
    pub on_school_time: bool,
    /// Date of the next action: becomes the next follow-up of every case. The cases must be open.
    pub next_action_on: Option<NaiveDate>,
    /// The users of the service who took part, each once. Default: the caller.
    #[serde(default)]
    #[schema(value_type = Vec<Id>, required = false, max_items = 10)]
    #[validate(custom(function = "distinct"))]
    pub professional_ids: Option<Vec<Id>>,
    /// The resource people of the directory who were called upon, each once.
    #[serde(default)]
    #[schema(max_items = 10)]
    #[validate(custom(function = "distinct"))]
    pub resource_person_ids: Vec<Id>,
    /// Participants, counted by kind, never named. Each kind at most once. Shared as the minutes are, so that figures count each
    /// person once.
    #[serde(default)]
    #[schema(max_items = 40)]
    #[validate(custom(function = "unique_kinds"))]
    pub participants: Vec<Participants>,
    /// Free text of an act about one case or none: personal data, encrypted at rest.
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Option<Secret<String>>,
    /// The notes of the cases, at most one for each. Each is readable with its own case only.
    #[serde(default)]
    #[schema(max_items = 20)]
    #[validate(custom(function = "one_for_each_case"))]
    pub notes: Vec<CaseNote>,
}

/// The note of the intervention of a case.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "note": "Les parents souhaitent un accueil à mi-temps."
}))]
pub struct CaseNote {
    /// The case, which must be one of those named.
    pub case_id: Id,
    /// Free text: personal data, encrypted at rest.
    #[schema(format = "lines", value_type = String, min_length = 1, max_length = 4000)]
    pub note: Secret<String>,
}

/// A case has one note.
pub fn one_for_each_case(notes: &[CaseNote]) -> Result<(), ValidationError> {
    let repeated = |(rank, one): (usize, &CaseNote)| notes[..rank].iter().any(|other| other.case_id == one.case_id);
    if notes.iter().enumerate().any(repeated) {
        return Err(broken_rule("not_unique", "", "Un suivi a deux notes.", "A case has two notes."));
    }
    Ok(())
}

fn act_rules(new: &ActInput) -> Result<(), ValidationError> {
    if new.note.is_some() && (new.case_ids.len() > 1 || !new.notes.is_empty()) {
        return Err(broken_rule(
            "note_of_several_cases",
            "note",
            "Chaque suivi a sa propre note : la donner dans `notes`.",
            "Each case has a note of its own: give it in `notes`.",
        ));
    }
    not_earlier(new.next_action_on, new.held_on)
}

impl ActInput {
    /// The work itself.
    pub fn work(&self) -> InterventionInput {
        InterventionInput {
            kind: self.kind.clone(),
            held_on: self.held_on,
            minutes: self.minutes,
            travel_minutes: self.travel_minutes,
            place: self.place.clone(),
            mode: self.mode.clone(),
            organisation_id: self.organisation_id,
            on_school_time: self.on_school_time,
            next_action_on: self.next_action_on,
            professional_ids: self.professional_ids.clone(),
            resource_person_ids: self.resource_person_ids.clone(),
            participants: self.participants.clone(),
            note: self.note.clone(),
        }
    }
}

/// Acts to be recorded, a week of work for instance.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"items": [{
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "type": "network", "held_on": "2026-03-12", "minutes": 90,
    "place": "partner_premises"
}]}))]
pub struct ActsInput {
    /// The acts. Each is recorded or refused by itself.
    #[schema(min_items = 1, max_items = 200)]
    pub items: Vec<ActInput>,
}

impl BulkInput for ActsInput {
    type Item = ActInput;
}

/// What became of each act.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "dry_run": false, "created": 1, "refused": 0,
    "data": [{"index": 0, "status": 201, "intervention_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c81"]}]
}))]
pub struct ActsReport {
    /// Whether it was a dry run: nothing was recorded, and the identifiers are not those of later calls.
    pub dry_run: bool,
    /// Number of acts that were recorded.
    #[schema(minimum = 0, maximum = 200, example = 1)]
    pub created: usize,
    /// Number of acts that were refused.
    #[schema(minimum = 0, maximum = 200, example = 0)]
    pub refused: usize,
    /// The outcome of each act, in the order of the request.
    #[schema(max_items = 200)]
    pub data: Vec<ActOutcome>,
}

/// Outcome of one act.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActOutcome {
    /// Rank of the act in the request, from 0.
    #[schema(minimum = 0, maximum = 199, example = 0)]
    pub index: usize,
    /// HTTP status that the act would have had in a call of its own.
    #[schema(minimum = 200, maximum = 599, example = 201)]
    pub status: u16,
    /// The interventions of its cases, in their order; one for work about no case. Empty if it was refused.
    #[schema(max_items = 20)]
    pub intervention_ids: Vec<Id>,
    /// The problem, if it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = crate::http::bulk::problem_schema, required = false)]
    pub problem: Option<Box<Problem>>,
}

impl Bulk for ActsReport {
    type Created = Vec<Id>;

    fn of(outcomes: Vec<Outcome<Vec<Id>>>, dry_run: bool) -> Self {
        let item = |(index, outcome)| match outcome {
            Outcome::Created(intervention_ids) => ActOutcome { index, status: 201, intervention_ids, problem: None },
            Outcome::Refused(problem) => {
                ActOutcome { index, status: problem.status, intervention_ids: Vec::new(), problem: Some(problem) }
            }
        };
        let data: Vec<ActOutcome> = outcomes.into_iter().enumerate().map(item).collect();
        let created = data.iter().filter(|one| one.problem.is_none()).count();
        Self { dry_run, created, refused: data.len() - created, data }
    }
}
