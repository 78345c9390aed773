//! Request bodies of the actions on a reservation.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::db::Id;
use crate::lending::checks::dto::ContentCheck;
use crate::nomenclatures::codes::ReservationReason;

/// Declines a reservation.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "not_suitable"}))]
pub struct ReservationRefusal {
    /// Why. `no_copy` counts in the figures as a request declined because no copy was free.
    pub reason: ReservationReason,
}

/// Cancels a reservation.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "borrower_gave_up"}))]
pub struct ReservationCancellation {
    /// Why; `borrower_gave_up` by default.
    pub reason: Option<ReservationReason>,
}

/// Moves a reservation to another copy, to other days, or both. With neither, to another copy for the same days.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"starts_on": "2026-06-08"}))]
pub struct ReservationMove {
    /// The copy. If absent, the API chooses one.
    pub copy_id: Option<Id>,
    /// The day of the hand-out. The service must be open.
    pub starts_on: Option<NaiveDate>,
    /// The day of the return. The service must be open. If absent, the loan keeps the length that was asked for, and ends on
    /// an open day; if it would then last longer than the longest loan, give an earlier day.
    pub due_on: Option<NaiveDate>,
}

/// Hands a copy out.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"handed_out_on": "2026-06-01"}))]
pub struct HandOut {
    /// When; today by default. May be before `starts_on` if the copy is free until then.
    pub handed_out_on: Option<NaiveDate>,
    /// The count of the contents, if they are counted again.
    #[validate(nested)]
    pub check: Option<ContentCheck>,
}

/// Extends a loan.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"due_on": "2026-07-06"}))]
pub struct LoanExtension {
    /// The new day of the return. The service must be open. If absent, the loan is extended by its usual length, to an
    /// open day.
    pub due_on: Option<NaiveDate>,
}

/// Takes a copy back.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "returned_on": "2026-06-22",
    "check": {
        "condition": "good", "items": [{"item_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d11", "present": 2, "damaged": 0}]
    }
}))]
pub struct LoanReturn {
    /// When; today by default.
    pub returned_on: Option<NaiveDate>,
    /// The count of the contents, item by item.
    #[validate(nested)]
    pub check: ContentCheck,
}
