//! Interventions in the contract.

pub mod act;
pub mod filter;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::cases::corrections::dto::CountedIn;
use crate::db::{Id, UtcTs};
use crate::households::dto::Child;
use crate::http::Field;
use crate::http::body::broken_rule;
use crate::nomenclatures::codes::{InterventionMode, InterventionPlace, InterventionType, ParticipantType};
use crate::privacy::Secret;

/// An intervention to be recorded.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "next_action_is_not_earlier", skip_on_field_errors = false))]
#[schema(example = json!({
    "type": "family_interview", "held_on": "2026-03-12", "minutes": 75, "travel_minutes": 50, "place": "family_home",
    "next_action_on": "2026-04-15", "participants": [{"kind": "parent", "number": 2}, {"kind": "child", "number": 1}],
    "note": "Les parents souhaitent un accueil à mi-temps."
}))]
pub struct InterventionInput {
    /// Type of intervention.
    #[serde(rename = "type")]
    pub kind: InterventionType,
    /// Day of the intervention: not in the future, and not before the first referral of the case arrived.
    pub held_on: NaiveDate,
    /// Duration in minutes, without travel.
    #[schema(minimum = 1, maximum = 1440)]
    pub minutes: i32,
    /// Travel time in minutes, both ways; 0 if there was none.
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
    /// Date of the next action, at most ten years ahead: becomes the next follow-up of the case, which must be open.
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
    /// Participants, counted by kind, never named. Each kind at most once.
    #[serde(default)]
    #[schema(max_items = 40)]
    #[validate(custom(function = "unique_kinds"))]
    pub participants: Vec<Participants>,
    /// Free text: personal data, encrypted at rest.
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Option<Secret<String>>,
}

/// Each kind of participant is given once.
pub fn unique_kinds(participants: &[Participants]) -> Result<(), ValidationError> {
    let repeated = |(i, one): (usize, &Participants)| participants[..i].iter().any(|other| other.kind == one.kind);
    if participants.iter().enumerate().any(repeated) {
        return Err(broken_rule(
            "not_unique",
            "",
            "Un type de participants est donné deux fois : indiquer le total.",
            "A kind of participant is given twice: give its total.",
        ));
    }
    Ok(())
}

/// Each identifier is given once.
pub fn distinct(ids: &[Id]) -> Result<(), ValidationError> {
    if ids.iter().enumerate().any(|(rank, id)| ids[..rank].contains(id)) {
        return Err(broken_rule(
            "not_unique",
            "",
            "Un identifiant est donné deux fois.",
            "An identifier is given twice.",
        ));
    }
    Ok(())
}

fn next_action_is_not_earlier(new: &InterventionInput) -> Result<(), ValidationError> {
    not_earlier(new.next_action_on, new.held_on)
}

/// The next action follows the work.
fn not_earlier(next_action_on: Option<NaiveDate>, held_on: NaiveDate) -> Result<(), ValidationError> {
    if next_action_on.is_some_and(|next| next < held_on) {
        return Err(broken_rule(
            "next_action_before",
            "next_action_on",
            "La prochaine action précède l'intervention.",
            "The next action is earlier than the intervention.",
        ));
    }
    Ok(())
}

/// The number of participants of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "parent", "number": 2}))]
pub struct Participants {
    /// Kind of participants.
    pub kind: ParticipantType,
    /// Number of participants.
    #[schema(minimum = 1, maximum = 500)]
    pub number: i32,
}

/// An intervention: an act, or the share of one case in an act about several. Figures count the act once, and the shares of its
/// minutes add up to them.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c81", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "child": {
        "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c72", "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c71",
        "given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05", "expected_on": null, "version": 1
    },
    "structure_name": null, "type": "family_interview", "type_label": "Entretien avec la famille", "mode": "individual",
    "held_on": "2026-03-12", "minutes": 75, "travel_minutes": 50,
    "place": "family_home", "organisation_id": null, "organisation_name": null, "on_school_time": false,
    "next_action_on": "2026-04-15", "participants": [{"kind": "child", "number": 1}, {"kind": "parent", "number": 2}],
    "professional_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10"], "professional_names": ["La coordinatrice"],
    "resource_person_ids": [], "resource_person_names": [],
    "act_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c81", "act_minutes": 75, "act_travel_minutes": 50,
    "act_participants": [{"kind": "child", "number": 1}, {"kind": "parent", "number": 2}],
    "shares": [{
        "intervention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c81", "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
        "minutes": 75, "travel_minutes": 50
    }],
    "note": "Les parents souhaitent un accueil à mi-temps.",
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "La coordinatrice", "version": 1,
    "created_at": "2026-03-12T16:30:00.000000Z", "updated_at": "2026-03-12T16:30:00.000000Z"
}))]
pub struct Intervention {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// The case. Absent for work about no case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Id, required = false)]
    pub case_id: Option<Id>,
    /// The identity of the child of the case. Absent for a structure, for work about no case, and if the caller does not hold
    /// `households:read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child: Option<Child>,
    /// Name of the structure that the case is about; null for a child, and if the caller does not hold `organisations:read`.
    pub structure_name: Option<String>,
    /// Type of intervention.
    #[serde(rename = "type")]
    pub kind: InterventionType,
    /// Label of the type, in the language of the response.
    pub type_label: Option<&'static str>,
    /// How it is counted: individual, collective or indirect.
    pub mode: InterventionMode,
    /// Day of the intervention.
    pub held_on: NaiveDate,
    /// Duration in minutes, without travel: the share of the case.
    pub minutes: i32,
    /// Travel time in minutes, both ways: the share of the case.
    pub travel_minutes: i32,
    /// Place.
    pub place: InterventionPlace,
    /// The structure concerned.
    pub organisation_id: Option<Id>,
    /// Name of the structure concerned; null if the caller does not hold `organisations:read`.
    pub organisation_name: Option<String>,
    /// Whether it was on school time.
    pub on_school_time: bool,
    /// Date of the next action, as planned at that time.
    pub next_action_on: Option<NaiveDate>,
    /// Participants, counted by kind: the share of the case.
    pub participants: Vec<Participants>,
    /// The users of the service who took part.
    pub professional_ids: Vec<Id>,
    /// Their names, in the same order; empty for API clients.
    pub professional_names: Vec<String>,
    /// The resource people who were called upon.
    pub resource_person_ids: Vec<Id>,
    /// Their names, in the same order; empty if the caller does not hold `organisations:read`.
    pub resource_person_names: Vec<String>,
    /// The act that it is a share of: the same for every case of the act.
    pub act_id: Id,
    /// Duration of the act in minutes, without travel: the sum of its shares.
    pub act_minutes: i32,
    /// Travel time of the act in minutes, both ways: the sum of its shares.
    pub act_travel_minutes: i32,
    /// Participants of the act, counted by kind: the sum of its shares.
    pub act_participants: Vec<Participants>,
    /// The shares of the act, in the order in which the cases were given.
    pub shares: Vec<ActShare>,
    /// Free text; null if there is none, or if the personal data were erased. A merge of two children puts the notes of an act
    /// about both one after the other.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub note: Option<Secret<String>>,
    /// Who recorded it.
    pub author: String,
    /// Name of who recorded it; null for API clients.
    pub author_name: Option<String>,
    /// Version of the act: the same in all its shares.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
    /// In the response to a correction only: the published releases that counted the child in the years of the
    /// intervention. They do not change: prepare a release with corrected records.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<CountedIn>, required = false)]
    pub counted_in: Option<Vec<CountedIn>>,
}

/// The share of a case in an act. Minutes are shared equally, by the largest remainder: 50 minutes about three cases are 17, 17
/// and 16.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "intervention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c81", "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "minutes": 17, "travel_minutes": 7
}))]
pub struct ActShare {
    /// The intervention that is this share.
    pub intervention_id: Id,
    /// The case. Absent for work about no case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Id, required = false)]
    pub case_id: Option<Id>,
    /// Its minutes, without travel.
    pub minutes: i32,
    /// Its minutes of travel.
    pub travel_minutes: i32,
}

crate::resource!(Intervention at "/v1/interventions/");

/// Changes to an intervention. A merge patch (RFC 7396): an absent field keeps its value, null removes it. The result must
/// meet the rules of a new intervention.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"minutes": 75, "note": null}))]
pub struct InterventionPatch {
    /// Type of intervention.
    #[serde(default, rename = "type")]
    #[schema(value_type = InterventionType, required = false)]
    pub kind: Option<InterventionType>,
    /// Day of the intervention: not in the future, not before the first referral of the case arrived, and not after the
    /// case was closed.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub held_on: Option<NaiveDate>,
    /// Duration in minutes, without travel. Of an act about several cases correct `act_minutes`, which is shared again.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 1440)]
    pub minutes: Option<i32>,
    /// Travel time in minutes, both ways; 0 if there was none. Of an act about several cases correct `act_travel_minutes`.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 1440)]
    pub travel_minutes: Option<i32>,
    /// Duration of the whole act in minutes, without travel.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 1440)]
    pub act_minutes: Option<i32>,
    /// Travel time of the whole act in minutes, both ways.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 1440)]
    pub act_travel_minutes: Option<i32>,
    /// Place.
    #[serde(default)]
    #[schema(value_type = InterventionPlace, required = false)]
    pub place: Option<InterventionPlace>,
    /// How it is counted. Null, or another type without a mode: the mode of the type in the code list.
    #[serde(default)]
    #[schema(value_type = Option<InterventionMode>)]
    pub mode: Field<InterventionMode>,
    /// The structure concerned.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    pub organisation_id: Field<Id>,
    /// Whether it was on school time: only allowed for a bridge to school.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    pub on_school_time: Option<bool>,
    /// Date of the next action, of this case only. The next follow-up of the case follows, if this intervention had set it.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub next_action_on: Field<NaiveDate>,
    /// Participants, counted by kind, never named. Each kind at most once. Of an act about several cases correct
    /// `act_participants`, which are shared again.
    #[serde(default)]
    #[schema(value_type = Vec<Participants>, required = false, max_items = 40)]
    pub participants: Option<Vec<Participants>>,
    /// Participants of the whole act. Each kind at most once.
    #[serde(default)]
    #[schema(value_type = Vec<Participants>, required = false, max_items = 40)]
    pub act_participants: Option<Vec<Participants>>,
    /// The users of the service who took part, each once.
    #[serde(default)]
    #[schema(value_type = Vec<Id>, required = false, max_items = 10)]
    pub professional_ids: Option<Vec<Id>>,
    /// The resource people of the directory who were called upon, each once.
    #[serde(default)]
    #[schema(value_type = Vec<Id>, required = false, max_items = 10)]
    pub resource_person_ids: Option<Vec<Id>>,
    /// Free text: personal data, encrypted at rest. The note of this case only.
    #[serde(default)]
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Field<Secret<String>>,
}

crate::page! {
    /// A page of the interventions of a case.
    InterventionPage of Intervention
}
