//! Filters and orders of the lists of reservations.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs, text_enum};
use crate::lending::reservations::model::{BorrowerKind, ReservationStatus};
use crate::territories::CommuneCode;

text_enum! {
    /// Order of the list of reservations.
    pub enum ReservationSort {
        /// Latest start first.
        StartsOnDesc = "-starts_on",
        /// Earliest start first.
        StartsOn = "starts_on",
        /// Earliest due date first.
        DueOn = "due_on",
        /// Latest due date first.
        DueOnDesc = "-due_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters of the list of reservations. A row must match every filter given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct ReservationFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Of this service. If absent, of every service that the caller can access.
    pub service_id: Option<Id>,
    /// Of this kit.
    pub kit_id: Option<Id>,
    /// Of this copy.
    pub copy_id: Option<Id>,
    /// One or more statuses, comma-separated.
    #[param(style = Form, explode = false, example = json!(["requested", "confirmed"]))]
    pub status: Option<Vec<ReservationStatus>>,
    /// Of this kind of borrower.
    pub borrower_kind: Option<BorrowerKind>,
    /// Of this household.
    pub household_id: Option<Id>,
    /// Of this organisation, or of a professional who works for it.
    pub organisation_id: Option<Id>,
    /// For this case.
    pub case_id: Option<Id>,
    /// Of borrowers in the commune with this INSEE code.
    pub commune: Option<CommuneCode>,
    /// Taking a copy on this day or later.
    pub from: Option<NaiveDate>,
    /// Starting on this day or earlier.
    pub to: Option<NaiveDate>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp:
    /// to miss none, let consecutive requests overlap by one minute.
    pub updated_since: Option<UtcTs>,
    /// Order of the list; latest start first by default.
    pub sort: Option<ReservationSort>,
}

text_enum! {
    /// Order of the queue of a kit.
    pub enum QueueSort {
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

/// Filters of the queue of a kit.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct QueueFilter {
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp:
    /// to miss none, let consecutive requests overlap by one minute.
    pub updated_since: Option<UtcTs>,
    /// Order of the list; that of the queue by default.
    pub sort: Option<QueueSort>,
}
