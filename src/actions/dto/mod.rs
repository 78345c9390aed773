//! A collective action as the contract describes it.

pub mod acts;
pub mod filter;
pub mod new;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{ActionStatus, ActionStep};
use crate::db::{Id, UtcTs};
use crate::naming::model::{Named, Names};
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
    "preparation_minutes": 180, "travel_minutes": 50, "place": "municipal_premises", "commune_code": "63300", "commune_name": "Riom",
    "topics": ["communication_with_families"], "organiser_role": "pole_coordinator", "organiser_id": null, "organiser_name": null,
    "speakers": [{"role": "pole_psychologist", "organisation_id": null, "organisation_name": null}], "reserved": false, "convention_id": null, "convention_name": null,
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
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple", "version": 3,
    "created_at": "2026-04-02T08:15:00.000000Z", "updated_at": "2026-05-19T14:20:00.000000Z"
}))]
pub struct Action {
    /// Identifier.
    pub id: Id,
    /// The service that the action belongs to.
    pub service_id: Id,
    /// Kind of action.
    pub kind: CollectiveActionType,
    /// Title.
    pub title: String,
    /// State.
    pub status: ActionStatus,
    /// Actions allowed now.
    pub available_actions: Vec<ActionStep>,
    /// Day on which it takes place, took place, or was planned.
    pub held_on: NaiveDate,
    /// Start time, in the local time of the service; null if unknown.
    pub starts_at: Option<String>,
    /// Duration without preparation and travel.
    pub duration_minutes: i32,
    /// Preparation time, summed over the staff of the service.
    pub preparation_minutes: i32,
    /// Travel time both ways, summed over the staff of the service.
    pub travel_minutes: i32,
    /// Type of place.
    pub place: InterventionPlace,
    /// INSEE code of the commune where it takes place.
    pub commune_code: CommuneCode,
    /// Name of the commune.
    pub commune_name: Option<&'static str>,
    /// Topics, in the order of their codes.
    pub topics: Vec<ActionTopic>,
    /// Role of the organiser.
    pub organiser_role: ParticipantType,
    /// The organisation that organises it; null if it is the service itself, or is not in the directory.
    pub organiser_id: Option<Id>,
    /// Its name; null if the caller does not hold `organisations:read`.
    pub organiser_name: Option<String>,
    /// Speakers, in the order given.
    pub speakers: Vec<ActionSpeaker>,
    /// Whether its kind is reserved for territories with a convention.
    pub reserved: bool,
    /// The convention under which it is delivered; null if it is not reserved.
    pub convention_id: Option<Id>,
    /// Name of the local authority of the convention; null if the caller does not hold `conventions:read`.
    pub convention_name: Option<String>,
    /// Participants counted by type, in the order of their codes. After a reopening, those recorded before are kept,
    /// but they count in no figure until the action is held again.
    pub participants: Vec<ActionParticipants>,
    /// Total number of participants; null until it is recorded.
    pub participant_count: Option<i64>,
    /// Number of places; null if there is no registration.
    pub places: Option<i32>,
    /// Last day to register; null if it is the day of the action.
    pub registration_closes_on: Option<NaiveDate>,
    /// State of registration; absent if there is no registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ActionRegistrationSummary, required = false)]
    pub registration: Option<ActionRegistrationSummary>,
    /// Reason of the cancellation; null if it is not cancelled.
    pub cancellation_reason: Option<ActionCancellationReason>,
    /// Evaluation; absent until it is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ActionEvaluation, required = false)]
    pub evaluation: Option<ActionEvaluation>,
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

impl Named for Action {
    fn show_names(&mut self, names: &mut Names) {
        names.organisation(self.organiser_id, &mut self.organiser_name);
        names.convention(self.convention_id, &mut self.convention_name);
        names.author(Some(&self.author), &mut self.author_name);
        for speaker in &mut self.speakers {
            names.organisation(speaker.organisation_id, &mut speaker.organisation_name);
        }
    }
}

/// A speaker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"role": "pole_psychologist", "organisation_id": null, "organisation_name": null}))]
pub struct ActionSpeaker {
    /// Role.
    pub role: ParticipantType,
    /// The organisation of the speaker; null if it is the service itself, or is not in the directory.
    pub organisation_id: Option<Id>,
    /// Its name; null if the caller does not hold `organisations:read`.
    pub organisation_name: Option<String>,
}

/// Number of participants of a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"participant_type": "parent", "number": 9}))]
pub struct ActionParticipants {
    /// Type of participant.
    pub participant_type: ParticipantType,
    /// Number of participants.
    #[schema(minimum = 1, maximum = 10000)]
    pub number: i32,
}

/// State of the registration for an action.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "places": 15, "open": true, "registered_seats": 12, "waiting_seats": 0, "free_seats": 3, "attended_seats": null
}))]
pub struct ActionRegistrationSummary {
    /// Total number of places.
    pub places: i32,
    /// Whether registration is open now: the action is planned, and the last day to register is not over.
    pub open: bool,
    /// Seats registered, whether attendance is recorded or not. Never more than the places.
    pub registered_seats: i64,
    /// Seats on the waiting list.
    pub waiting_seats: i64,
    /// Seats still free.
    pub free_seats: i64,
    /// Seats actually used, from the attendance recorded; null until attendance is recorded for at least one
    /// registration.
    pub attended_seats: Option<i64>,
}

/// Evaluation of an action.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "answers": 8, "mean": 4.63, "ratings": [{"rating": "satisfied", "number": 3}, {"rating": "very_satisfied", "number": 5}],
    "note": null
}))]
pub struct ActionEvaluation {
    /// Number of answers.
    pub answers: i64,
    /// Mean of the ratings on the scale from 1 to 5, to two decimals. Null with fewer than five answers, because it
    /// could reveal what one person answered.
    pub mean: Option<f64>,
    /// Number of people who gave each rating, in the order of the scale. Empty with fewer than five answers.
    #[schema(max_items = 5)]
    pub ratings: Vec<ActionRating>,
    /// Free note. It is personal data, encrypted at rest.
    #[schema(value_type = Option<String>)]
    pub note: Option<Secret<String>>,
}

/// Number of people who gave a rating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"rating": "very_satisfied", "number": 5}))]
pub struct ActionRating {
    /// The rating.
    pub rating: SatisfactionScale,
    /// Number of people who gave it.
    #[schema(minimum = 1, maximum = 10000)]
    pub number: i32,
}

crate::resource!(Action at "/v1/actions/");

crate::page! {
    /// A page of collective actions.
    ActionPage of Action
}
