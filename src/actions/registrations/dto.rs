//! Registrations in the contract.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::{ActionRegistrationStatus, ActionRegistrationStep};
use super::store::RegistrationRow;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::http::reply::Located;
use crate::nomenclatures::codes::ParticipantType;

/// Seats that somebody asks for.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "participant_type": "childminder", "seats": 2, "organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62"
}))]
pub struct NewActionRegistration {
    /// Who comes: people of several kinds are several registrations.
    pub participant_type: ParticipantType,
    /// How many seats: not more than the action has places.
    #[schema(minimum = 1, maximum = 100)]
    pub seats: i32,
    /// The organisation that asks, if it is in the directory of the service; nobody in particular when absent.
    pub organisation_id: Option<Id>,
}

/// A correction of a registration, as a merge patch: what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"seats": 1}))]
pub struct ActionRegistrationPatch {
    /// Who comes.
    #[serde(default)]
    #[schema(value_type = ParticipantType, required = false)]
    pub participant_type: Option<ParticipantType>,
    /// How many seats, while the action is planned and attendance is not noted: more of a registration that has its seats
    /// when they are free; fewer let in those who wait.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 100)]
    pub seats: Option<i32>,
    /// The organisation that asks; null for nobody in particular.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    pub organisation_id: Field<Id>,
}

/// Who came of a registration.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"attended": 2}))]
pub struct ActionAttendance {
    /// How many of its seats were taken: 0 when nobody came.
    #[schema(minimum = 0, maximum = 100)]
    pub attended: i32,
}

/// Seats that were registered for a collective action.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e20", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "action_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62",
    "participant_type": "childminder", "seats": 2, "status": "registered", "available_actions": ["cancel"],
    "queue_position": null, "attended": null, "version": 1,
    "created_at": "2026-04-20T08:15:00.000000Z", "updated_at": "2026-04-20T08:15:00.000000Z"
}))]
pub struct ActionRegistration {
    /// Identifier.
    pub id: Id,
    /// The service whose action it is.
    pub service_id: Id,
    /// The action.
    pub action_id: Id,
    /// The organisation that asked; null for nobody in particular.
    #[schema(required = true)]
    pub organisation_id: Option<Id>,
    /// Who comes.
    pub participant_type: ParticipantType,
    /// How many seats.
    pub seats: i32,
    /// Where it stands.
    pub status: ActionRegistrationStatus,
    /// What can be done with it now.
    pub available_actions: Vec<ActionRegistrationStep>,
    /// Its place among those who wait, from 1; null when it does not.
    #[schema(required = true)]
    pub queue_position: Option<i64>,
    /// Seats of it that were taken; null until that is noted.
    #[schema(required = true)]
    pub attended: Option<i32>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded: the order of the queue.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl ActionRegistration {
    pub(super) fn new(
        row: RegistrationRow,
        available_actions: Vec<ActionRegistrationStep>,
        queue_position: Option<i64>,
    ) -> Self {
        Self {
            id: row.id,
            service_id: row.service_id,
            action_id: row.action_id,
            organisation_id: row.organisation_id,
            participant_type: row.participant_type,
            seats: row.seats,
            status: row.status,
            available_actions,
            queue_position,
            attended: row.attended,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(ActionRegistration);

impl Located for ActionRegistration {
    fn location(&self) -> String {
        format!("/v1/action-registrations/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::page! {
    /// A page of the registrations for an action.
    ActionRegistrationPage of ActionRegistration
}

text_enum! {
    /// Order of the registrations for an action.
    pub enum ActionRegistrationSort {
        /// The first who asked first: the order of the queue.
        CreatedAt = "created_at",
        /// The last who asked first.
        CreatedAtDesc = "-created_at",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
    }
}

/// Which registrations; every condition that is given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct ActionRegistrationFilter {
    /// In one of these states, separated by commas: `waiting` is the queue.
    #[param(style = Form, explode = false, example = json!(["registered", "waiting"]))]
    pub status: Option<Vec<ActionRegistrationStatus>>,
    /// Changed at this instant or later. A change is seen once it is committed, which is a little after its instant: to miss
    /// none, ask again from a minute earlier.
    pub updated_since: Option<UtcTs>,
    /// Order, that of asking unless said.
    pub sort: Option<ActionRegistrationSort>,
}

impl QueryParams for ActionRegistrationFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<ActionRegistrationStatus>();
        description.reference::<UtcTs>();
        description.reference::<ActionRegistrationSort>();
    }
}
