//! The filters of the lists of conventions.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::conventions::agreements::model::{ConventionStanding, ConventionStatus};
use crate::db::{Id, UtcTs, text_enum};
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::territories::TerritoryKey;

text_enum! {
    /// Order of the list of conventions.
    pub enum ConventionSort {
        /// The last to begin first.
        StartsOnDesc = "-starts_on",
        /// The first to begin first.
        StartsOn = "starts_on",
        /// The first to end first.
        EndsOn = "ends_on",
        /// The last to end first.
        EndsOnDesc = "-ends_on",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
    }
}

/// Which conventions; every condition that is given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct ConventionFilter {
    /// Of this service; of every service that the token may see when absent.
    pub service_id: Option<Id>,
    /// With this collectivity.
    pub collectivity: Option<TerritoryKey>,
    /// In one of these states, separated by commas, as they were last decided.
    #[param(style = Form, explode = false, example = json!(["draft", "proposed"]))]
    pub status: Option<Vec<ConventionStatus>>,
    /// Standing so today, separated by commas: what was decided, and what the calendar makes of it.
    #[param(style = Form, explode = false, example = json!(["active"]))]
    pub standing: Option<Vec<ConventionStanding>>,
    /// Whose period holds this day.
    #[param(example = "2026-06-01")]
    pub on: Option<NaiveDate>,
    /// Ending on this day or later.
    pub ends_from: Option<NaiveDate>,
    /// Ending on this day or earlier.
    pub ends_to: Option<NaiveDate>,
    /// Changed at this instant or later. A change is seen once it is committed, which is a little after its instant: to miss
    /// none, ask again from a minute earlier.
    pub updated_since: Option<UtcTs>,
    /// Order, the last to begin first unless said.
    pub sort: Option<ConventionSort>,
}

impl QueryParams for ConventionFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<TerritoryKey>();
        description.reference::<ConventionStatus>();
        description.reference::<ConventionStanding>();
        description.reference::<UtcTs>();
        description.reference::<ConventionSort>();
    }
}

text_enum! {
    /// Order of the conventions that are about to end.
    pub enum ExpiringSort {
        /// The first to end first.
        EndsOn = "ends_on",
        /// The last to end first.
        EndsOnDesc = "-ends_on",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
    }
}

/// Which of those that are about to end.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct ExpiringFilter {
    /// Ending within so many days from today: 90 unless said.
    #[param(minimum = 0, maximum = 730, example = 90)]
    pub days: Option<i32>,
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Order, the first to end first unless said.
    pub sort: Option<ExpiringSort>,
}

impl QueryParams for ExpiringFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<UtcTs>();
        description.reference::<ExpiringSort>();
    }
}
