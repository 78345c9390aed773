//! Planning a collective action, and correcting what was recorded, in the contract.

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

/// A collective action to be planned. Of the past too: it is planned until it is held.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "kind": "parent_cafe", "title": "Café parents : les émotions",
    "held_on": "2026-05-19", "starts_at": "09:30", "duration_minutes": 120, "preparation_minutes": 180,
    "travel_minutes": 50, "place": "municipal_premises", "commune_code": "63300",
    "topics": ["communication_with_families"], "organiser_role": "pole_coordinator",
    "speakers": [{"role": "pole_psychologist"}], "places": 15, "registration_closes_on": "2026-05-15"
}))]
pub struct NewAction {
    /// The service whose action it is.
    pub service_id: Id,
    /// What it is. A kind that the list marks `reserved_to_convention` is for the communes that a convention covers.
    pub kind: CollectiveActionType,
    /// What it is called. It names nobody.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub title: String,
    /// The day: not before the service opened, not more than two years ahead.
    pub held_on: NaiveDate,
    /// When it begins, in the local time of the service.
    #[schema(max_length = 5, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub starts_at: Option<String>,
    /// How long it lasts, without preparation and travel: a day at most.
    #[schema(minimum = 1, maximum = 1440)]
    pub duration_minutes: i32,
    /// Preparation, of everybody of the service who prepares it: a week at most.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 10080, default = 0)]
    pub preparation_minutes: i32,
    /// Travel there and back, of everybody of the service who goes.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 10080, default = 0)]
    pub travel_minutes: i32,
    /// At what kind of place.
    pub place: InterventionPlace,
    /// INSEE code of the commune where it takes place.
    pub commune_code: CommuneCode,
    /// What it is about.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub topics: BTreeSet<ActionTopic>,
    /// What whoever organises it is.
    pub organiser_role: ParticipantType,
    /// The organisation that organises it, if it is in the directory of the service.
    pub organiser_id: Option<Id>,
    /// Who speaks, by role.
    #[serde(default)]
    #[schema(max_items = 20)]
    #[validate(nested)]
    pub speakers: Vec<NewActionSpeaker>,
    /// Places for those who register: from then on they can. Absent when there is no registration.
    #[schema(minimum = 1, maximum = 1000)]
    pub places: Option<i32>,
    /// The last day to register, that of the action at the latest; that of the action unless said. It needs `places`.
    pub registration_closes_on: Option<NaiveDate>,
}

/// Who speaks.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "pole_psychologist"}))]
pub struct NewActionSpeaker {
    /// What they are.
    pub role: ParticipantType,
    /// The organisation that they come from, if it is in the directory of the service.
    pub organisation_id: Option<Id>,
}

/// A correction of a collective action, as a merge patch: what is absent stays. One that was cancelled is reopened first.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"starts_at": "10:00", "topics": ["communication_with_families", "experience_sharing"]}))]
pub struct ActionPatch {
    /// What it is. Of a reserved kind the commune must be covered on the day.
    #[serde(default)]
    #[schema(value_type = CollectiveActionType, required = false)]
    pub kind: Option<CollectiveActionType>,
    /// What it is called. It names nobody.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub title: Option<String>,
    /// The day: not before the service opened, not more than two years ahead; not in the future once it is held.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub held_on: Option<NaiveDate>,
    /// When it begins, in the local time of the service; null when it is not known.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 5, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub starts_at: Field<String>,
    /// How long it lasts, without preparation and travel.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 1440)]
    pub duration_minutes: Option<i32>,
    /// Preparation, of everybody of the service who prepares it.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 10080)]
    pub preparation_minutes: Option<i32>,
    /// Travel there and back, of everybody of the service who goes.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 10080)]
    pub travel_minutes: Option<i32>,
    /// At what kind of place.
    #[serde(default)]
    #[schema(value_type = InterventionPlace, required = false)]
    pub place: Option<InterventionPlace>,
    /// INSEE code of the commune where it takes place.
    #[serde(default)]
    #[schema(value_type = CommuneCode, required = false)]
    pub commune_code: Option<CommuneCode>,
    /// Every topic, in the place of those there were.
    #[serde(default)]
    #[schema(value_type = BTreeSet<ActionTopic>, required = false, max_items = 20)]
    pub topics: Option<BTreeSet<ActionTopic>>,
    /// What whoever organises it is.
    #[serde(default)]
    #[schema(value_type = ParticipantType, required = false)]
    pub organiser_role: Option<ParticipantType>,
    /// The organisation that organises it; null for the service itself.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    pub organiser_id: Field<Id>,
    /// Everybody who speaks, in the place of those there were.
    #[serde(default)]
    #[schema(value_type = Vec<NewActionSpeaker>, required = false, max_items = 20)]
    #[validate(nested)]
    pub speakers: Option<Vec<NewActionSpeaker>>,
    /// Places for those who register, while it is planned: more of them let in those who wait, fewer than are registered
    /// are refused; null for no registration, when nobody is registered or waits.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 1000)]
    pub places: Field<i32>,
    /// The last day to register, while it is planned; null for the day of the action.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub registration_closes_on: Field<NaiveDate>,
    /// Who came, in the place of what was said, once it is held. Each kind once.
    #[serde(default)]
    #[schema(value_type = Vec<ActionParticipants>, required = false, min_items = 1, max_items = 40)]
    pub participants: Option<Vec<ActionParticipants>>,
}
