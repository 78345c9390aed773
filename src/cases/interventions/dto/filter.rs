//! The filters of the lists of interventions.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Intervention;
use crate::db::{Id, UtcTs, text_enum};
use crate::nomenclatures::codes::{InterventionMode, InterventionType};

text_enum! {
    /// Sort order of interventions.
    pub enum InterventionSort {
        /// Latest first.
        HeldOnDesc = "-held_on",
        /// Earliest first.
        HeldOn = "held_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters on the interventions of a case.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct InterventionFilter {
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub(in crate::cases::interventions) updated_since: Option<UtcTs>,
    /// Sort order. Default: latest first.
    pub(in crate::cases::interventions) sort: Option<InterventionSort>,
}

text_enum! {
    /// What work is about.
    pub enum WorkAbout {
        /// One case or several.
        Cases = "cases",
        /// No case.
        NoCase = "no_case",
    }
}

/// Filters on interventions across cases: all the given ones apply.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct WorkFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub(in crate::cases::interventions) id: Option<Vec<Id>>,
    /// Only the work of this service.
    pub(in crate::cases::interventions) service_id: Option<Id>,
    /// Only the work about this case: its share.
    pub(in crate::cases::interventions) case_id: Option<Id>,
    /// Only the work about cases, or only the work about no case.
    pub(in crate::cases::interventions) about: Option<WorkAbout>,
    /// Only the work in which this user took part.
    pub(in crate::cases::interventions) professional_id: Option<Id>,
    /// Only the work for which this resource person was called upon.
    pub(in crate::cases::interventions) resource_person_id: Option<Id>,
    /// Only the work that concerns this organisation.
    pub(in crate::cases::interventions) organisation_id: Option<Id>,
    /// Types, separated by commas.
    #[param(explode = false, style = Form, example = json!(["family_interview"]))]
    #[serde(rename = "type")]
    pub(in crate::cases::interventions) kind: Option<Vec<InterventionType>>,
    /// Modes, separated by commas.
    #[param(explode = false, style = Form, example = json!(["indirect"]))]
    pub(in crate::cases::interventions) mode: Option<Vec<InterventionMode>>,
    /// Held on this day or later.
    pub(in crate::cases::interventions) held_from: Option<NaiveDate>,
    /// Held on this day or earlier.
    pub(in crate::cases::interventions) held_to: Option<NaiveDate>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub(in crate::cases::interventions) updated_since: Option<UtcTs>,
    /// Sort order. Default: latest first.
    pub(in crate::cases::interventions) sort: Option<InterventionSort>,
}

/// Sums over all the work that matches the filters, not over the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"acts": 12, "minutes": 640, "travel_minutes": 180}))]
pub struct WorkTotals {
    /// Number of acts: one about several cases counts once.
    #[schema(minimum = 0)]
    pub acts: i64,
    /// Minutes, without travel. With `case_id`, the shares of the case.
    #[schema(minimum = 0)]
    pub minutes: i64,
    /// Minutes of travel. With `case_id`, the shares of the case.
    #[schema(minimum = 0)]
    pub travel_minutes: i64,
}

/// A page of work across cases, with sums over the whole list.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkPage {
    /// The rows of this page.
    pub data: Vec<Intervention>,
    /// The position of this page in the list.
    pub page: crate::http::page::PageInfo,
    /// Sums over the whole list.
    pub totals: WorkTotals,
}

impl crate::http::page::Page for WorkPage {
    type Row = Intervention;

    fn rows(&self) -> &[Intervention] {
        &self.data
    }

    fn info(&self) -> &crate::http::page::PageInfo {
        &self.page
    }
}
