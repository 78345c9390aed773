//! Interventions in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use crate::cases::corrections::dto::CountedIn;
use crate::db::{Id, UtcTs, text_enum};
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
    #[schema(minimum = 0, maximum = 1440)]
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
    /// Whether it was on school time: only allowed for a bridge to school.
    #[serde(default)]
    #[schema(default = false)]
    pub on_school_time: bool,
    /// Date of the next action, at most ten years ahead: becomes the next follow-up of the case.
    pub next_action_on: Option<NaiveDate>,
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

fn next_action_is_not_earlier(new: &InterventionInput) -> Result<(), ValidationError> {
    if new.next_action_on.is_some_and(|next| next < new.held_on) {
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

/// An intervention of a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c81", "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "type": "family_interview", "mode": "individual", "held_on": "2026-03-12", "minutes": 75, "travel_minutes": 50,
    "place": "family_home", "organisation_id": null, "on_school_time": false, "next_action_on": "2026-04-15",
    "participants": [{"kind": "child", "number": 1}, {"kind": "parent", "number": 2}],
    "note": "Les parents souhaitent un accueil à mi-temps.",
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "version": 1,
    "created_at": "2026-03-12T16:30:00.000000Z", "updated_at": "2026-03-12T16:30:00.000000Z"
}))]
pub struct Intervention {
    /// Identifier.
    pub id: Id,
    /// The case.
    pub case_id: Id,
    /// Type of intervention.
    #[serde(rename = "type")]
    pub kind: InterventionType,
    /// How it is counted: individual, collective or indirect.
    pub mode: InterventionMode,
    /// Day of the intervention.
    pub held_on: NaiveDate,
    /// Duration in minutes, without travel.
    pub minutes: i32,
    /// Travel time in minutes, both ways.
    pub travel_minutes: i32,
    /// Place.
    pub place: InterventionPlace,
    /// The structure concerned.
    pub organisation_id: Option<Id>,
    /// Whether it was on school time.
    pub on_school_time: bool,
    /// Date of the next action, as planned at that time.
    pub next_action_on: Option<NaiveDate>,
    /// Participants, counted by kind.
    pub participants: Vec<Participants>,
    /// Free text; null if there is none, or if the personal data were erased.
    #[schema(value_type = Option<String>)]
    pub note: Option<Secret<String>>,
    /// Who recorded it.
    pub author: String,
    /// Version of the row.
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
    /// Duration in minutes, without travel.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 1440)]
    pub minutes: Option<i32>,
    /// Travel time in minutes, both ways; 0 if there was none.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 1440)]
    pub travel_minutes: Option<i32>,
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
    /// Date of the next action. The next follow-up of the case follows, if this intervention had set it.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub next_action_on: Field<NaiveDate>,
    /// Participants, counted by kind, never named. Each kind at most once.
    #[serde(default)]
    #[schema(value_type = Vec<Participants>, required = false, max_items = 40)]
    pub participants: Option<Vec<Participants>>,
    /// Free text: personal data, encrypted at rest.
    #[serde(default)]
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Field<Secret<String>>,
}

crate::page! {
    /// A page of the interventions of a case.
    InterventionPage of Intervention
}

text_enum! {
    /// Sort order of the interventions of a case.
    pub enum InterventionSort {
        /// Latest first.
        HeldOnDesc = "-held_on",
        /// Earliest first.
        HeldOn = "held_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters on the interventions of a case.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct InterventionFilter {
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub(super) updated_since: Option<UtcTs>,
    /// Sort order. Default: latest first.
    pub(super) sort: Option<InterventionSort>,
}
