//! Interventions in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::store::InterventionRow;
use crate::db::{Id, UtcTs};
use crate::http::body::broken;
use crate::http::reply::Located;
use crate::nomenclatures::codes::{InterventionMode, InterventionPlace, InterventionType, ParticipantType};
use crate::privacy::Secret;

/// A piece of work to be recorded.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "next_action_follows"))]
#[schema(example = json!({
    "type": "family_interview", "held_on": "2026-03-12", "minutes": 75, "travel_minutes": 50, "place": "family_home",
    "next_action_on": "2026-04-15", "participants": [{"kind": "parent", "number": 2}, {"kind": "child", "number": 1}],
    "note": "Les parents souhaitent un accueil à mi-temps."
}))]
pub struct NewIntervention {
    /// What it was.
    #[serde(rename = "type")]
    pub kind: InterventionType,
    /// The day it was held: not in the future, not before the request that led to the case arrived.
    pub held_on: NaiveDate,
    /// How long it lasted, without travel.
    #[schema(minimum = 0, maximum = 1440)]
    pub minutes: i32,
    /// Travel there and back; 0 when there was none.
    #[schema(minimum = 0, maximum = 1440)]
    pub travel_minutes: i32,
    /// Where.
    pub place: InterventionPlace,
    /// How it is counted; when absent, the mode that the list of types gives.
    pub mode: Option<InterventionMode>,
    /// The structure concerned.
    pub organisation_id: Option<Id>,
    /// Whether it was on school time: only for a bridge to school.
    #[serde(default)]
    #[schema(default = false)]
    pub on_school_time: bool,
    /// When the case is to be looked at next: becomes its next follow-up.
    pub next_action_on: Option<NaiveDate>,
    /// Who took part, counted by kind, never named. Each kind once.
    #[serde(default)]
    #[schema(max_items = 40)]
    #[validate(custom(function = "kinds_once"))]
    pub participants: Vec<Participants>,
    /// Free text. Personal data: encrypted.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Option<Secret<String>>,
}

fn kinds_once(participants: &[Participants]) -> Result<(), ValidationError> {
    let repeated = |(i, one): (usize, &Participants)| participants[..i].iter().any(|other| other.kind == one.kind);
    if participants.iter().enumerate().any(repeated) {
        return Err(broken(
            "not_unique",
            "",
            "Une sorte de participants est répétée : donnez son total.",
            "A kind of participant is repeated: give its total.",
        ));
    }
    Ok(())
}

fn next_action_follows(new: &NewIntervention) -> Result<(), ValidationError> {
    if new.next_action_on.is_some_and(|next| next < new.held_on) {
        return Err(broken(
            "next_action_before",
            "next_action_on",
            "La prochaine action précède l'intervention.",
            "The next action is before the intervention.",
        ));
    }
    Ok(())
}

/// How many people of a kind took part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "parent", "number": 2}))]
pub struct Participants {
    /// What they are.
    pub kind: ParticipantType,
    /// How many.
    #[schema(minimum = 1, maximum = 500)]
    pub number: i32,
}

/// A piece of work of a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c81", "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "type": "family_interview", "mode": "individual", "held_on": "2026-03-12", "minutes": 75, "travel_minutes": 50,
    "place": "family_home", "organisation_id": null, "on_school_time": false, "next_action_on": "2026-04-15",
    "participants": [{"kind": "child", "number": 1}, {"kind": "parent", "number": 2}],
    "note": "Les parents souhaitent un accueil à mi-temps.",
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "created_at": "2026-03-12T16:30:00.000000Z"
}))]
pub struct Intervention {
    /// Identifier.
    pub id: Id,
    /// The case.
    pub case_id: Id,
    /// What it was.
    #[serde(rename = "type")]
    pub kind: InterventionType,
    /// How it is counted: individual, collective or indirect.
    pub mode: InterventionMode,
    /// The day it was held.
    pub held_on: NaiveDate,
    /// How long it lasted, without travel.
    pub minutes: i32,
    /// Travel there and back.
    pub travel_minutes: i32,
    /// Where.
    pub place: InterventionPlace,
    /// The structure concerned.
    #[schema(required = true)]
    pub organisation_id: Option<Id>,
    /// Whether it was on school time.
    pub on_school_time: bool,
    /// When the case was to be looked at next.
    #[schema(required = true)]
    pub next_action_on: Option<NaiveDate>,
    /// Who took part, counted by kind.
    pub participants: Vec<Participants>,
    /// Free text; null when there is none, or when the personal data were erased.
    #[schema(required = true, value_type = Option<String>)]
    pub note: Option<Secret<String>>,
    /// Who recorded it.
    pub author: String,
    /// When it was recorded.
    pub created_at: UtcTs,
}

impl Intervention {
    pub(super) fn new(row: InterventionRow, participants: Vec<Participants>, note: Option<Secret<String>>) -> Self {
        Self {
            id: row.id,
            case_id: row.case_id,
            kind: row.type_,
            mode: row.mode,
            held_on: row.held_on,
            minutes: row.minutes,
            travel_minutes: row.travel_minutes,
            place: row.place,
            organisation_id: row.organisation_id,
            on_school_time: row.on_school_time,
            next_action_on: row.next_action_on,
            participants,
            note,
            author: row.author,
            created_at: row.created_at,
        }
    }
}

impl Located for Intervention {
    fn location(&self) -> String {
        format!("/v1/cases/{}/interventions", self.case_id)
    }
}

crate::page! {
    /// A page of the interventions of a case.
    InterventionPage of Intervention
}
