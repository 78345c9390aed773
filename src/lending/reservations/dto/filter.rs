//! The filters of the list of reservations.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::db::{Id, UtcTs, text_enum};
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::lending::reservations::model::{BorrowerKind, ReservationStatus};
use crate::territories::CommuneCode;

text_enum! {
    /// Order of the list of reservations.
    pub enum ReservationSort {
        /// The last to begin first.
        StartsOnDesc = "-starts_on",
        /// The first to begin first.
        StartsOn = "starts_on",
        /// The first due first.
        DueOn = "due_on",
        /// The last due first.
        DueOnDesc = "-due_on",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
    }
}

/// Which reservations; every condition that is given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct ReservationFilter {
    /// Of this service; of every service that the token may see when absent.
    pub service_id: Option<Id>,
    /// Of this kit.
    pub kit_id: Option<Id>,
    /// Of this copy.
    pub copy_id: Option<Id>,
    /// In one of these states, separated by commas, as they were last decided.
    #[param(style = Form, explode = false, example = json!(["requested", "confirmed"]))]
    pub status: Option<Vec<ReservationStatus>>,
    /// By this kind of borrower.
    pub borrower_kind: Option<BorrowerKind>,
    /// By this household.
    pub household_id: Option<Id>,
    /// By this organisation, or by a professional of it.
    pub organisation_id: Option<Id>,
    /// For this case.
    pub case_id: Option<Id>,
    /// By borrowers of the commune of this INSEE code.
    pub commune: Option<CommuneCode>,
    /// Keeping a copy on this day or later.
    pub from: Option<NaiveDate>,
    /// Beginning on this day or earlier.
    pub to: Option<NaiveDate>,
    /// Changed at this instant or later. A change is seen once it is committed, which is a little after its instant: to miss
    /// none, ask again from a minute earlier.
    pub updated_since: Option<UtcTs>,
    /// Order, the last to begin first unless said.
    pub sort: Option<ReservationSort>,
}

impl QueryParams for ReservationFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<ReservationStatus>();
        description.reference::<BorrowerKind>();
        description.reference::<CommuneCode>();
        description.reference::<UtcTs>();
        description.reference::<ReservationSort>();
    }
}

text_enum! {
    /// Order of the queue of a kit.
    pub enum QueueSort {
        /// The first who asked first: the order in which they are served.
        CreatedAt = "created_at",
        /// The last who asked first.
        CreatedAtDesc = "-created_at",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
    }
}

/// Who of those who wait.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct QueueFilter {
    /// Changed at this instant or later. A change is seen once it is committed, which is a little after its instant: to miss
    /// none, ask again from a minute earlier.
    pub updated_since: Option<UtcTs>,
    /// Order, that of the queue unless said.
    pub sort: Option<QueueSort>,
}

impl QueryParams for QueueFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<UtcTs>();
        description.reference::<QueueSort>();
    }
}
