//! The filters and sort orders of the lists of conventions.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::conventions::agreements::model::{ConventionStanding, ConventionStatus};
use crate::db::{Id, UtcTs, text_enum};
use crate::territories::TerritoryKey;

text_enum! {
    /// Sort order of the list of conventions.
    pub enum ConventionSort {
        /// Latest start date first.
        StartsOnDesc = "-starts_on",
        /// Earliest start date first.
        StartsOn = "starts_on",
        /// Earliest end date first.
        EndsOn = "ends_on",
        /// Latest end date first.
        EndsOnDesc = "-ends_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters of the list of conventions; all of them apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct ConventionFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Only this service. By default, every service that the caller can access.
    pub service_id: Option<Id>,
    /// Only with this local authority.
    pub collectivity: Option<TerritoryKey>,
    /// One or more statuses, comma-separated. The status is the last decision.
    #[param(style = Form, explode = false, example = json!(["draft", "proposed"]))]
    pub status: Option<Vec<ConventionStatus>>,
    /// One or more standings, comma-separated. The standing is the status adjusted for today's date.
    #[param(style = Form, explode = false, example = json!(["active"]))]
    pub standing: Option<Vec<ConventionStanding>>,
    /// Only conventions whose period includes this day.
    #[param(example = "2026-06-01")]
    pub on: Option<NaiveDate>,
    /// Ending on or after this day.
    pub ends_from: Option<NaiveDate>,
    /// Ending on or before this day.
    pub ends_to: Option<NaiveDate>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp:
    /// to miss none, let consecutive requests overlap by one minute.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: latest start date first.
    pub sort: Option<ConventionSort>,
}

text_enum! {
    /// Sort order of the conventions that end soon.
    pub enum ExpiringSort {
        /// Earliest end date first.
        EndsOn = "ends_on",
        /// Latest end date first.
        EndsOnDesc = "-ends_on",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
    }
}

/// Filters of the list of conventions that end soon.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct ExpiringFilter {
    /// Ending within this number of days from today. 90 by default.
    #[param(minimum = 0, maximum = 730, example = 90)]
    pub days: Option<i32>,
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: earliest end date first.
    pub sort: Option<ExpiringSort>,
}
