//! The filters and sort orders of the list of collective actions.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::actions::model::ActionStatus;
use crate::db::{Id, UtcTs, text_enum};
use crate::nomenclatures::codes::CollectiveActionType;
use crate::territories::CommuneCode;

text_enum! {
    /// Sort order of the list of collective actions.
    pub enum ActionSort {
        /// Latest day first.
        HeldOnDesc = "-held_on",
        /// Earliest day first.
        HeldOn = "held_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters of the list of collective actions; all of them apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct ActionFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Only this service. By default, every service that the caller can access.
    pub service_id: Option<Id>,
    /// One or more kinds, comma-separated.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20, example = json!(["parent_cafe", "pedagogical_day"]))]
    pub kind: Option<Vec<CollectiveActionType>>,
    /// One or more statuses, comma-separated.
    #[param(style = Form, explode = false, example = json!(["planned", "held"]))]
    pub status: Option<Vec<ActionStatus>>,
    /// Only in this commune, by INSEE code.
    pub commune_code: Option<CommuneCode>,
    /// Only those delivered under this convention.
    pub convention_id: Option<Id>,
    /// Only those organised by this organisation, or with a speaker from it.
    pub organisation_id: Option<Id>,
    /// Only those reserved for territories with a convention (`true`), or only the others (`false`).
    pub reserved: Option<bool>,
    /// On or after this day.
    pub held_from: Option<NaiveDate>,
    /// On or before this day.
    pub held_to: Option<NaiveDate>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp:
    /// to miss none, let consecutive requests overlap by one minute.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: latest day first.
    pub sort: Option<ActionSort>,
}
