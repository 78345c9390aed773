//! Attendances in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::db::{Id, UtcTs};
use crate::http::bulk::BulkInput;
use crate::http::reply::Located;
use crate::naming::model::{Named, Names};
use crate::referents::model::AttendanceKind;

/// An attendance to be recorded.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "external_training", "held_on": "2026-02-02"}))]
pub struct ReferentAttendanceInput {
    /// Kind of attendance.
    pub kind: AttendanceKind,
    /// The day.
    pub held_on: NaiveDate,
    /// The collective action attended, if one is recorded: in the same service, on the same day and of the matching kind
    /// (`referent_training_day`, `referent_follow_up_meeting` or `referent_themed_day`).
    pub action_id: Option<Id>,
}

/// The attendances of several referents at one event.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "themed_day", "held_on": "2026-02-02", "referent_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10"]
}))]
pub struct ReferentAttendancesInput {
    /// Kind of attendance.
    pub kind: AttendanceKind,
    /// The day.
    pub held_on: NaiveDate,
    /// The collective action attended, if one is recorded.
    pub action_id: Option<Id>,
    /// The referents who attended, all of the service.
    #[schema(min_items = 1, max_items = 100)]
    pub referent_ids: Vec<Id>,
}

impl BulkInput for ReferentAttendancesInput {
    type Item = Id;
    const LIST: &'static str = "referent_ids";
}

impl ReferentAttendancesInput {
    /// The attendance that each referent gets.
    pub(super) fn for_each_referent(&self) -> ReferentAttendanceInput {
        ReferentAttendanceInput { kind: self.kind, held_on: self.held_on, action_id: self.action_id }
    }
}

/// An attendance of a referent. It cannot be corrected: delete it and record the right one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e20", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "referent_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "kind": "external_training", "held_on": "2026-02-02",
    "action_id": null, "action_title": null, "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple", "version": 1,
    "created_at": "2026-02-03T08:15:00.000000Z"
}))]
pub struct ReferentAttendance {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// The referent.
    pub referent_id: Id,
    /// Kind of attendance.
    pub kind: AttendanceKind,
    /// The day.
    pub held_on: NaiveDate,
    /// The collective action attended; null if none is recorded.
    pub action_id: Option<Id>,
    /// Its title; null if the caller does not hold `actions:read`.
    pub action_title: Option<String>,
    /// Who recorded it.
    pub author: String,
    /// Name of who recorded it; null for API clients.
    pub author_name: Option<String>,
    /// Always 1, since an attendance cannot be corrected. Send it in `If-Match` to delete the attendance.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
}

impl Named for ReferentAttendance {
    fn show_names(&mut self, names: &mut Names) {
        names.action(self.action_id, &mut self.action_title);
        names.author(Some(&self.author), &mut self.author_name);
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
    /// A page of the attendances of a referent.
    ReferentAttendancePage of ReferentAttendance
}

crate::bulk! {
    /// The result for each attendance of a day.
    CreatedReferentAttendances, CreatedReferentAttendance of ReferentAttendance
}
