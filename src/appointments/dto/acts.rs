//! The request bodies of the actions on an appointment.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::cases::interventions::dto::act::{CaseNote, one_for_each_case};
use crate::cases::interventions::dto::{Participants, distinct, unique_kinds};
use crate::db::Id;
use crate::nomenclatures::codes::{AppointmentCanceller, InterventionMode};

/// Record that an appointment took place.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "minutes": 75, "travel_minutes": 50, "participants": [{"kind": "parent", "number": 1}], "next_action_on": "2026-04-15"
}))]
pub struct AppointmentHolding {
    /// Actual duration in minutes, without travel. Default: as planned. Shared equally between the cases; the first ones
    /// get the minutes that are left over.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 1440)]
    pub minutes: Option<i32>,
    /// Travel time in minutes, both ways. Shared in the same way. Default: 0.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1440)]
    pub travel_minutes: i32,
    /// How the interventions are counted. Default: the mode of their type in the code list.
    pub mode: Option<InterventionMode>,
    /// Who came, counted by kind. Default: those who were expected. Each kind is shared between the cases as the minutes
    /// are, so that figures count each person once.
    #[serde(default)]
    #[schema(value_type = Vec<Participants>, required = false, max_items = 40)]
    #[validate(custom(function = "unique_kinds"))]
    pub participants: Option<Vec<Participants>>,
    /// Date of the next action: becomes the next follow-up of every case. Not earlier than the appointment,
    /// and at most ten years ahead.
    pub next_action_on: Option<NaiveDate>,
    /// The resource people of the directory who were called upon, each once.
    #[serde(default)]
    #[schema(max_items = 10)]
    #[validate(custom(function = "distinct"))]
    pub resource_person_ids: Vec<Id>,
    /// The notes of the interventions, at most one for each case. Each is readable with its own case only.
    #[serde(default)]
    #[schema(max_items = 20)]
    #[validate(custom(function = "one_for_each_case"))]
    pub notes: Vec<CaseNote>,
}

/// Cancellation of an appointment.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"cancelled_by": "family"}))]
pub struct AppointmentCancellation {
    /// Who cancels it.
    pub cancelled_by: AppointmentCanceller,
}

/// An appointment to which those who were expected did not come.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"excused": true}))]
pub struct AppointmentMiss {
    /// Whether they had said so.
    pub excused: bool,
}

/// Another time for an appointment.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"planned_on": "2026-03-19", "starts_at": "14:00"}))]
pub struct AppointmentMove {
    /// New day: not before the service opened, at most two years ahead, and not after the closing of one of its cases.
    pub planned_on: NaiveDate,
    /// New time, in the local time of the service.
    #[schema(max_length = 5, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub starts_at: String,
    /// New duration in minutes. Default: unchanged.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 1440)]
    pub minutes: Option<i32>,
}
