//! The request bodies that plan and correct an appointment.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::cases::interventions::dto::{Participants, distinct, unique_kinds};
use crate::db::Id;
use crate::http::Field;
use crate::nomenclatures::codes::{InterventionPlace, InterventionType};
use crate::privacy::Secret;

/// A new appointment.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "type": "family_interview", "planned_on": "2026-03-12",
    "starts_at": "09:30", "minutes": 60, "place": "family_home",
    "case_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"], "participants": [{"kind": "parent", "number": 2}],
    "title": "Premier entretien"
}))]
pub struct AppointmentInput {
    /// The service.
    pub service_id: Id,
    /// Type of the intervention that it becomes when it is held.
    #[serde(rename = "type")]
    pub kind: InterventionType,
    /// Day: not before the service opened, at most two years ahead. It may be past.
    pub planned_on: NaiveDate,
    /// Time, in the local time of the service.
    #[schema(max_length = 5, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub starts_at: String,
    /// Planned duration in minutes.
    #[schema(minimum = 1, maximum = 1440)]
    pub minutes: i32,
    /// Type of place.
    pub place: InterventionPlace,
    /// The organisation concerned, if it is in the directory of the service.
    pub organisation_id: Option<Id>,
    /// Whether it is on school time: only allowed for a bridge to school. Default: false.
    #[serde(default)]
    pub on_school_time: bool,
    /// The open cases that it is about, each once; none for a meeting that is about no case.
    #[serde(default)]
    #[schema(max_items = 20)]
    #[validate(custom(function = "distinct"))]
    pub case_ids: Vec<Id>,
    /// The users of the service who take part, each once. By default, the caller.
    #[serde(default)]
    #[schema(value_type = Vec<Id>, required = false, max_items = 20)]
    #[validate(custom(function = "distinct"))]
    pub professional_ids: Option<Vec<Id>>,
    /// Who is expected, counted by kind, never named. Each kind at most once.
    #[serde(default)]
    #[schema(max_items = 40)]
    #[validate(custom(function = "unique_kinds"))]
    pub participants: Vec<Participants>,
    /// Title: personal data, encrypted at rest. Calendar applications never get it.
    #[schema(format = "visible-line", value_type = Option<String>, min_length = 1, max_length = 200)]
    pub title: Option<Secret<String>>,
    /// Free text: personal data, encrypted at rest.
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Option<Secret<String>>,
}

/// Changes to an appointment that is planned or confirmed. A merge patch (RFC 7396): an absent field keeps its value, null
/// removes it, a list replaces the previous one. `move` changes the day and the time.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"place": "pole_office", "note": "La famille vient avec une interprète."}))]
pub struct AppointmentPatch {
    /// Type of the intervention that it becomes when it is held.
    #[serde(rename = "type", default)]
    #[schema(value_type = InterventionType, required = false)]
    pub kind: Option<InterventionType>,
    /// Planned duration in minutes.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 1440)]
    pub minutes: Option<i32>,
    /// Type of place.
    #[serde(default)]
    #[schema(value_type = InterventionPlace, required = false)]
    pub place: Option<InterventionPlace>,
    /// The organisation concerned; null for none.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    pub organisation_id: Field<Id>,
    /// Whether it is on school time.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    pub on_school_time: Option<bool>,
    /// The cases that it is about. Those that are added must be open.
    #[serde(default)]
    #[schema(value_type = Vec<Id>, required = false, max_items = 20)]
    #[validate(custom(function = "distinct"))]
    pub case_ids: Option<Vec<Id>>,
    /// The users of the service who take part.
    #[serde(default)]
    #[schema(value_type = Vec<Id>, required = false, max_items = 20)]
    #[validate(custom(function = "distinct"))]
    pub professional_ids: Option<Vec<Id>>,
    /// Who is expected, counted by kind.
    #[serde(default)]
    #[schema(value_type = Vec<Participants>, required = false, max_items = 40)]
    #[validate(custom(function = "unique_kinds"))]
    pub participants: Option<Vec<Participants>>,
    /// Title; null for none.
    #[serde(default)]
    #[schema(format = "visible-line", value_type = Option<String>, min_length = 1, max_length = 200)]
    pub title: Field<Secret<String>>,
    /// Free text; null for none.
    #[serde(default)]
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Field<Secret<String>>,
}
