//! The request bodies that plan and correct a collective action.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::ActionParticipants;
use crate::db::Id;
use crate::http::Field;
use crate::nomenclatures::codes::{ActionTopic, CollectiveActionType, InterventionPlace, ParticipantType};
use crate::territories::CommuneCode;

/// A new collective action. It may be in the past: it is planned until it is recorded as held.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "kind": "parent_cafe", "title": "Café parents : les émotions",
    "held_on": "2026-05-19", "starts_at": "09:30", "duration_minutes": 120, "preparation_minutes": 180,
    "travel_minutes": 50, "place": "municipal_premises", "commune_code": "63300",
    "topics": ["communication_with_families"], "organiser_role": "pole_coordinator",
    "speakers": [{"role": "pole_psychologist"}], "places": 15, "registration_closes_on": "2026-05-15"
}))]
pub struct ActionInput {
    /// The service that the action belongs to.
    pub service_id: Id,
    /// Kind of action. A kind that the code list marks `reserved_to_convention` requires a commune covered by a
    /// convention.
    pub kind: CollectiveActionType,
    /// Title. It must not name anyone.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub title: String,
    /// Day of the action: not before the service opened, at most two years ahead.
    pub held_on: NaiveDate,
    /// Start time, in the local time of the service.
    #[schema(max_length = 5, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub starts_at: Option<String>,
    /// Duration without preparation and travel: at most one day.
    #[schema(minimum = 1, maximum = 1440)]
    pub duration_minutes: i32,
    /// Preparation time, summed over the staff of the service: at most one week. Default: 0.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 10080)]
    pub preparation_minutes: i32,
    /// Travel time both ways, summed over the staff of the service. Default: 0.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 10080)]
    pub travel_minutes: i32,
    /// Type of place. A school, and school staff among organisers, speakers and participants, only for a `school_bridge`.
    pub place: InterventionPlace,
    /// INSEE code of the commune where it takes place.
    pub commune_code: CommuneCode,
    /// Topics.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub topics: BTreeSet<ActionTopic>,
    /// Role of the organiser.
    pub organiser_role: ParticipantType,
    /// The organisation that organises it, if it is in the directory of the service.
    pub organiser_id: Option<Id>,
    /// Speakers, by role.
    #[serde(default)]
    #[schema(max_items = 20)]
    #[validate(nested)]
    pub speakers: Vec<ActionSpeakerInput>,
    /// Number of places, which opens registration. Absent if there is no registration.
    #[schema(minimum = 1, maximum = 1000)]
    pub places: Option<i32>,
    /// Last day to register, not after the day of the action. By default, the day of the action. It requires `places`.
    pub registration_closes_on: Option<NaiveDate>,
}

/// A speaker.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "pole_psychologist"}))]
pub struct ActionSpeakerInput {
    /// Role.
    pub role: ParticipantType,
    /// The organisation of the speaker, if it is in the directory of the service.
    pub organisation_id: Option<Id>,
}

/// Changes to a collective action. A merge patch (RFC 7396): an absent field keeps its value, null removes it. A
/// cancelled action must be reopened first.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"starts_at": "10:00", "topics": ["communication_with_families", "experience_sharing"]}))]
pub struct ActionPatch {
    /// Kind of action. With a reserved kind, a convention must cover the commune on the day.
    #[serde(default)]
    #[schema(value_type = CollectiveActionType, required = false)]
    pub kind: Option<CollectiveActionType>,
    /// Title. It must not name anyone.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub title: Option<String>,
    /// Day of the action: not before the service opened, at most two years ahead, and not in the future once it is
    /// held.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub held_on: Option<NaiveDate>,
    /// Start time, in the local time of the service; null if unknown.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 5, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub starts_at: Field<String>,
    /// Duration without preparation and travel.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 1440)]
    pub duration_minutes: Option<i32>,
    /// Preparation time, summed over the staff of the service.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 10080)]
    pub preparation_minutes: Option<i32>,
    /// Travel time both ways, summed over the staff of the service.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 10080)]
    pub travel_minutes: Option<i32>,
    /// Type of place.
    #[serde(default)]
    #[schema(value_type = InterventionPlace, required = false)]
    pub place: Option<InterventionPlace>,
    /// INSEE code of the commune where it takes place.
    #[serde(default)]
    #[schema(value_type = CommuneCode, required = false)]
    pub commune_code: Option<CommuneCode>,
    /// Topics: the list replaces the previous one.
    #[serde(default)]
    #[schema(value_type = BTreeSet<ActionTopic>, required = false, max_items = 20)]
    pub topics: Option<BTreeSet<ActionTopic>>,
    /// Role of the organiser.
    #[serde(default)]
    #[schema(value_type = ParticipantType, required = false)]
    pub organiser_role: Option<ParticipantType>,
    /// The organisation that organises it; null for the service itself.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    pub organiser_id: Field<Id>,
    /// Speakers: the list replaces the previous one.
    #[serde(default)]
    #[schema(value_type = Vec<ActionSpeakerInput>, required = false, max_items = 20)]
    #[validate(nested)]
    pub speakers: Option<Vec<ActionSpeakerInput>>,
    /// Number of places, which can change only while the action is planned. More places admit waiting registrations;
    /// fewer than the seats registered are refused. Null closes registration and requires that nobody is registered or
    /// waiting.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 1000)]
    pub places: Field<i32>,
    /// Last day to register, which can change only while the action is planned; null for the day of the action.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub registration_closes_on: Field<NaiveDate>,
    /// Participants, each type once, once the action is held: the list replaces the previous one.
    #[serde(default)]
    #[schema(value_type = Vec<ActionParticipants>, required = false, min_items = 1, max_items = 40)]
    pub participants: Option<Vec<ActionParticipants>>,
}
