//! The filters and sort orders of the list of appointments.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::appointments::model::AppointmentStatus;
use crate::db::{Id, UtcTs, text_enum};

text_enum! {
    /// Sort order of the list of appointments.
    pub enum AppointmentSort {
        /// Latest day first, and the latest time of a day first.
        PlannedOnDesc = "-planned_on",
        /// Earliest day first, and the earliest time of a day first.
        PlannedOn = "planned_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters of the list of appointments; all of them apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct AppointmentFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Only this service. By default, every service that the caller can access.
    pub service_id: Option<Id>,
    /// One or more states, comma-separated.
    #[param(style = Form, explode = false, example = json!(["planned", "confirmed"]))]
    pub status: Option<Vec<AppointmentStatus>>,
    /// About this case.
    pub case_id: Option<Id>,
    /// In which this user of the service takes part.
    pub professional_id: Option<Id>,
    /// Concerning this organisation.
    pub organisation_id: Option<Id>,
    /// On this day or later.
    pub planned_from: Option<NaiveDate>,
    /// On this day or earlier.
    pub planned_to: Option<NaiveDate>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp:
    /// to miss none, let consecutive requests overlap by one minute.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: latest day first.
    pub sort: Option<AppointmentSort>,
}
