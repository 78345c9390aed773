//! Attendances in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::store::AttendanceRow;
use crate::db::{Id, UtcTs};
use crate::http::reply::Located;
use crate::referents::model::AttendanceKind;

/// What a referent came to.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "external_training", "held_on": "2026-02-02"}))]
pub struct NewReferentAttendance {
    /// What it was.
    pub kind: AttendanceKind,
    /// The day.
    pub held_on: NaiveDate,
    /// The collective action that it was, when it is recorded as one: of the same service, of that day, and of the fitting
    /// kind (`referent_training_day`, `referent_follow_up_meeting`, `referent_themed_day`).
    pub action_id: Option<Id>,
}

/// What several referents came to.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "themed_day", "held_on": "2026-02-02", "referent_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10"]
}))]
pub struct NewReferentAttendances {
    /// What it was.
    pub kind: AttendanceKind,
    /// The day.
    pub held_on: NaiveDate,
    /// The collective action that it was, when it is recorded as one.
    pub action_id: Option<Id>,
    /// Who came, of the service.
    #[schema(min_items = 1, max_items = 100)]
    pub referent_ids: Vec<Id>,
}

impl NewReferentAttendances {
    /// The attendance of one of them.
    pub(super) fn of_each(&self) -> NewReferentAttendance {
        NewReferentAttendance { kind: self.kind, held_on: self.held_on, action_id: self.action_id }
    }
}

/// A day that a referent came to. It is not corrected: delete it, and record the right one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e20", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "referent_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "kind": "external_training", "held_on": "2026-02-02",
    "action_id": null, "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "version": 1,
    "created_at": "2026-02-03T08:15:00.000000Z"
}))]
pub struct ReferentAttendance {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// Who came.
    pub referent_id: Id,
    /// What it was.
    pub kind: AttendanceKind,
    /// The day.
    pub held_on: NaiveDate,
    /// The collective action that it was.
    #[schema(required = true)]
    pub action_id: Option<Id>,
    /// Who recorded it.
    pub author: String,
    /// Always 1: an attendance is not corrected. Give it as `If-Match` to delete it.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
}

impl From<AttendanceRow> for ReferentAttendance {
    fn from(row: AttendanceRow) -> Self {
        Self {
            id: row.id,
            service_id: row.service_id,
            referent_id: row.referent_id,
            kind: row.kind,
            held_on: row.held_on,
            action_id: row.action_id,
            author: row.author,
            version: 1,
            created_at: row.created_at,
        }
    }
}

impl Located for ReferentAttendance {
    fn location(&self) -> String {
        format!("/v1/referents/{}/attendances", self.referent_id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::page! {
    /// A page of what a referent came to.
    ReferentAttendancePage of ReferentAttendance
}

crate::bulk! {
    /// What became of the attendances of a whole day.
    CreatedReferentAttendances, CreatedReferentAttendance of ReferentAttendance
}
