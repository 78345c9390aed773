//! Absences in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::db::{Id, UtcTs, text_enum};

/// An absence to be declared. The reason is not asked, and there is no place for it.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "starts_on": "2026-04-13", "ends_on": "2026-04-24"
}))]
pub struct AbsenceInput {
    /// The service.
    pub service_id: Id,
    /// The user account of the person, who has a role in the service. Default: the caller. Somebody else's requires
    /// `cases:correct`.
    pub user_id: Option<Id>,
    /// First day, past or at most ten years ahead.
    pub starts_on: NaiveDate,
    /// Last day: not before the first, and at most 366 days in all.
    pub ends_on: NaiveDate,
}

/// Days on which a professional is away.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f40", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "user_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "user_name": "La coordinatrice", "starts_on": "2026-04-13",
    "ends_on": "2026-04-24", "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63",
    "author_name": "La coordinatrice", "version": 1, "created_at": "2026-03-02T08:15:00.000000Z",
    "updated_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct Absence {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// The user account of the person.
    pub user_id: Id,
    /// Name of the person; null for API clients.
    pub user_name: Option<String>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// Who declared it.
    pub author: String,
    /// Name of who declared it; null for API clients.
    pub author_name: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was declared.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::resource!(Absence at "/v1/absences/");

crate::page! {
    /// A page of absences.
    AbsencePage of Absence
}

/// Changes to an absence. A merge patch (RFC 7396): an absent field keeps its value. The result must meet the rules of a new
/// absence.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ends_on": "2026-04-27"}))]
pub struct AbsencePatch {
    /// First day.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub starts_on: Option<NaiveDate>,
    /// Last day.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub ends_on: Option<NaiveDate>,
}

text_enum! {
    /// Sort order of the list of absences.
    pub enum AbsenceSort {
        /// Latest first day first.
        StartsOnDesc = "-starts_on",
        /// Earliest first day first.
        StartsOn = "starts_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters of the list of absences; all of them apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct AbsenceFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Only this service. By default, every service that the caller can access.
    pub service_id: Option<Id>,
    /// Only the absences of this user.
    pub user_id: Option<Id>,
    /// Only those that last on this day or later.
    pub from: Option<NaiveDate>,
    /// Only those that begin on this day or earlier. With `from`: those with a day of the period.
    pub to: Option<NaiveDate>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp:
    /// to miss none, let consecutive requests overlap by one minute.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: latest first day first.
    pub sort: Option<AbsenceSort>,
}
