//! Collective actions in the contract.

pub mod acts;
pub mod filter;
pub mod new;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{ActionStatus, ActionStep};
use super::store::ActionRow;
use crate::db::{Id, UtcTs};
use crate::http::reply::Located;
use crate::nomenclatures::codes::{
    ActionCancellationReason, ActionTopic, CollectiveActionType, InterventionPlace, ParticipantType, SatisfactionScale,
};
use crate::privacy::Secret;
use crate::territories::CommuneCode;

/// A collective action.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "kind": "parent_cafe", "title": "Café parents : les émotions", "status": "held",
    "available_actions": ["evaluate", "reopen"], "held_on": "2026-05-19", "starts_at": "09:30", "duration_minutes": 120,
    "preparation_minutes": 180, "travel_minutes": 50, "place": "municipal_premises", "commune_code": "63300",
    "topics": ["communication_with_families"], "organiser_role": "pole_coordinator", "organiser_id": null,
    "speakers": [{"role": "pole_psychologist", "organisation_id": null}], "reserved": false, "convention_id": null,
    "participants": [{"participant_type": "childminder", "number": 3}, {"participant_type": "parent", "number": 9}],
    "participant_count": 12, "places": 15, "registration_closes_on": "2026-05-15",
    "registration": {
        "places": 15, "open": false, "registered_seats": 12, "waiting_seats": 0, "free_seats": 3, "attended_seats": 11
    },
    "cancellation_reason": null,
    "evaluation": {
        "answers": 8, "mean": 4.63, "ratings": [{"rating": "satisfied", "number": 3}, {"rating": "very_satisfied", "number": 5}],
        "note": null
    },
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "version": 3,
    "created_at": "2026-04-02T08:15:00.000000Z", "updated_at": "2026-05-19T14:20:00.000000Z"
}))]
pub struct Action {
    /// Identifier.
    pub id: Id,
    /// The service whose action it is.
    pub service_id: Id,
    /// What it is.
    pub kind: CollectiveActionType,
    /// What it is called.
    pub title: String,
    /// Where it stands.
    pub status: ActionStatus,
    /// What can be done with it now.
    pub available_actions: Vec<ActionStep>,
    /// The day on which it takes place, or took place, or was to.
    pub held_on: NaiveDate,
    /// When it begins, in the local time of the service; null when it is not known.
    #[schema(required = true)]
    pub starts_at: Option<String>,
    /// How long it lasts, without preparation and travel.
    pub duration_minutes: i32,
    /// Preparation, of everybody of the service who prepares it.
    pub preparation_minutes: i32,
    /// Travel there and back, of everybody of the service who goes.
    pub travel_minutes: i32,
    /// At what kind of place.
    pub place: InterventionPlace,
    /// INSEE code of the commune where it takes place.
    pub commune_code: CommuneCode,
    /// What it is about, in code order.
    pub topics: Vec<ActionTopic>,
    /// What whoever organises it is.
    pub organiser_role: ParticipantType,
    /// The organisation that organises it; null when it is the service itself, or not in the directory.
    #[schema(required = true)]
    pub organiser_id: Option<Id>,
    /// Who speaks, by role, in the order that was given.
    pub speakers: Vec<ActionSpeaker>,
    /// Whether it is for territories with a convention alone, as its kind says.
    pub reserved: bool,
    /// The convention under which it is delivered; null when it is not reserved.
    #[schema(required = true)]
    pub convention_id: Option<Id>,
    /// Who came, counted by kind, in code order. Those of an action that was reopened are what was said before, and count
    /// nowhere until it is held again.
    pub participants: Vec<ActionParticipants>,
    /// How many came; null until that is said.
    #[schema(required = true)]
    pub participant_count: Option<i64>,
    /// Places for those who register; null when there is no registration.
    #[schema(required = true)]
    pub places: Option<i32>,
    /// The last day to register; null when that is the day of the action.
    #[schema(required = true)]
    pub registration_closes_on: Option<NaiveDate>,
    /// Where registration stands; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ActionRegistrationSummary, required = false)]
    pub registration: Option<ActionRegistrationSummary>,
    /// Why it was cancelled; null when it was not.
    #[schema(required = true)]
    pub cancellation_reason: Option<ActionCancellationReason>,
    /// What was thought of it; absent until it is evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ActionEvaluation, required = false)]
    pub evaluation: Option<ActionEvaluation>,
    /// Who recorded it.
    pub author: String,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"role": "pole_psychologist", "organisation_id": null}))]
pub struct ActionSpeaker {
    /// What they are.
    pub role: ParticipantType,
    /// The organisation that they come from; null when it is the service itself, or not in the directory.
    #[schema(required = true)]
    pub organisation_id: Option<Id>,
}

/// How many people of a kind came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"participant_type": "parent", "number": 9}))]
pub struct ActionParticipants {
    /// What they are.
    pub participant_type: ParticipantType,
    /// How many.
    #[schema(minimum = 1, maximum = 10000)]
    pub number: i32,
}

/// Where the registration for an action stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "places": 15, "open": true, "registered_seats": 12, "waiting_seats": 0, "free_seats": 3, "attended_seats": null
}))]
pub struct ActionRegistrationSummary {
    /// Places in all.
    pub places: i32,
    /// Whether somebody can register now: the action is planned, and the last day to register is not over.
    pub open: bool,
    /// Seats that are registered, attendance noted or not. Never more than the places.
    pub registered_seats: i64,
    /// Seats that wait.
    pub waiting_seats: i64,
    /// Seats that are left.
    pub free_seats: i64,
    /// Seats that were taken by those whose attendance is noted; null while none is.
    #[schema(required = true)]
    pub attended_seats: Option<i64>,
}

/// What was thought of an action.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "answers": 8, "mean": 4.63, "ratings": [{"rating": "satisfied", "number": 3}, {"rating": "very_satisfied", "number": 5}],
    "note": null
}))]
pub struct ActionEvaluation {
    /// How many answered.
    pub answers: i64,
    /// Mean of the values of the scale, from 1 to 5, to two decimals; null under five answers, which would tell what one
    /// person answered.
    #[schema(required = true)]
    pub mean: Option<f64>,
    /// How many gave each rating, in the order of the scale; empty under five answers.
    #[schema(max_items = 5)]
    pub ratings: Vec<ActionRating>,
    /// What was noted: personal data, sealed at rest.
    #[schema(required = true, value_type = Option<String>)]
    pub note: Option<Secret<String>>,
}

/// How many gave a rating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"rating": "very_satisfied", "number": 5}))]
pub struct ActionRating {
    /// The rating.
    pub rating: SatisfactionScale,
    /// How many gave it.
    #[schema(minimum = 1, maximum = 10000)]
    pub number: i32,
}

/// What an action shows besides its row.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    pub(super) topics: Vec<ActionTopic>,
    pub(super) speakers: Vec<ActionSpeaker>,
    pub(super) participants: Vec<ActionParticipants>,
    pub(super) registration: Option<ActionRegistrationSummary>,
    pub(super) evaluation: Option<ActionEvaluation>,
}

impl Action {
    pub(super) fn new(row: ActionRow, around: Surroundings) -> Self {
        let sum = around.participants.iter().map(|one| i64::from(one.number)).sum();
        Self {
            id: row.id,
            service_id: row.service_id,
            kind: row.kind,
            title: row.title,
            status: row.status,
            available_actions: row.status.available_actions(),
            held_on: row.held_on,
            starts_at: row.starts_at,
            duration_minutes: row.duration_minutes,
            preparation_minutes: row.preparation_minutes,
            travel_minutes: row.travel_minutes,
            place: row.place,
            commune_code: row.commune_code,
            topics: around.topics,
            organiser_role: row.organiser_role,
            organiser_id: row.organiser_id,
            speakers: around.speakers,
            reserved: row.convention_id.is_some(),
            convention_id: row.convention_id,
            participant_count: if around.participants.is_empty() { None } else { Some(sum) },
            participants: around.participants,
            places: row.places,
            registration_closes_on: row.registration_closes_on,
            registration: around.registration,
            cancellation_reason: row.cancellation_reason,
            evaluation: around.evaluation,
            author: row.author,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(Action);

impl Located for Action {
    fn location(&self) -> String {
        format!("/v1/actions/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::page! {
    /// A page of collective actions.
    ActionPage of Action
}
