//! Registrations as the contract describes them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::{ActionRegistrationStatus, ActionRegistrationStep};
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::naming::model::{Named, Names};
use crate::nomenclatures::codes::ParticipantType;

/// A new registration for an action.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "participant_type": "childminder", "seats": 2, "organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62"
}))]
pub struct ActionRegistrationInput {
    /// Type of participant. Several types require several registrations.
    pub participant_type: ParticipantType,
    /// Number of seats, at most the places of the action.
    #[schema(minimum = 1, maximum = 100)]
    pub seats: i32,
    /// The organisation that registers, if it is in the directory of the service. Absent for nobody in particular.
    pub organisation_id: Option<Id>,
}

/// Changes to a registration. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"seats": 1}))]
pub struct ActionRegistrationPatch {
    /// Type of participant.
    #[serde(default)]
    #[schema(value_type = ParticipantType, required = false)]
    pub participant_type: Option<ParticipantType>,
    /// Number of seats. It can change while the action is planned and attendance is not recorded. A registered one gets
    /// more seats only if they are free; fewer seats admit waiting registrations.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 100)]
    pub seats: Option<i32>,
    /// The organisation that registers; null for nobody in particular.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    pub organisation_id: Field<Id>,
}

/// Attendance of a registration.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"attended": 2}))]
pub struct ActionAttendance {
    /// Number of its seats that were used; 0 if nobody came.
    #[schema(minimum = 0, maximum = 100)]
    pub attended: i32,
}

/// A registration for a collective action.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e20", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "action_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62", "organisation_name": "Multi-accueil Les Lutins",
    "participant_type": "childminder", "seats": 2, "status": "registered", "available_actions": ["cancel"],
    "queue_position": null, "attended": null, "version": 1,
    "created_at": "2026-04-20T08:15:00.000000Z", "updated_at": "2026-04-20T08:15:00.000000Z"
}))]
pub struct ActionRegistration {
    /// Identifier.
    pub id: Id,
    /// The service that the action belongs to.
    pub service_id: Id,
    /// The action.
    pub action_id: Id,
    /// The organisation that registered; null for nobody in particular.
    pub organisation_id: Option<Id>,
    /// Its name; null if the caller does not hold `organisations:read`.
    pub organisation_name: Option<String>,
    /// Type of participant.
    pub participant_type: ParticipantType,
    /// Number of seats.
    pub seats: i32,
    /// State.
    pub status: ActionRegistrationStatus,
    /// Actions allowed now.
    pub available_actions: Vec<ActionRegistrationStep>,
    /// Position in the queue, from 1; null if it is not waiting.
    pub queue_position: Option<i64>,
    /// Number of its seats that were used; null until attendance is recorded.
    pub attended: Option<i32>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded. It gives the order of the queue.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl Named for ActionRegistration {
    fn show_names(&mut self, names: &mut Names) {
        names.organisation(self.organisation_id, &mut self.organisation_name);
    }
}

crate::resource!(ActionRegistration at "/v1/action-registrations/");

crate::page! {
    /// A page of the registrations for an action.
    ActionRegistrationPage of ActionRegistration
}

text_enum! {
    /// Sort order of the registrations for an action.
    pub enum ActionRegistrationSort {
        /// Oldest first: the order of the queue.
        CreatedAt = "created_at",
        /// Newest first.
        CreatedAtDesc = "-created_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
    }
}

/// Filters of the list of registrations; all of them apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct ActionRegistrationFilter {
    /// One or more statuses, comma-separated: `waiting` is the queue.
    #[param(style = Form, explode = false, example = json!(["registered", "waiting"]))]
    pub status: Option<Vec<ActionRegistrationStatus>>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp:
    /// to miss none, let consecutive requests overlap by one minute.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: oldest first.
    pub sort: Option<ActionRegistrationSort>,
}
