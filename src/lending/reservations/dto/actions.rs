//! The bodies of the actions in the contract.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::db::Id;
use crate::lending::checks::dto::ContentCheck;
use crate::nomenclatures::codes::ReservationReason;

/// The service refuses.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "not_suitable"}))]
pub struct ReservationRefusal {
    /// Why. `no_copy` counts among the refusals for lack of a copy.
    pub reason: ReservationReason,
}

/// It is not wanted any more.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "borrower_gave_up"}))]
pub struct ReservationCancellation {
    /// Why, `borrower_gave_up` unless said.
    pub reason: Option<ReservationReason>,
}

/// Another copy, other days, or both. With neither, another copy for the same days.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"starts_on": "2026-06-08"}))]
pub struct ReservationMove {
    /// The copy: picked unless said.
    pub copy_id: Option<Id>,
    /// The day of the hand-out: an open one.
    pub starts_on: Option<NaiveDate>,
    /// The day of the return: an open one. Unless said, as many days after the hand-out as before, or the next open day.
    pub due_on: Option<NaiveDate>,
}

/// The borrower takes the copy.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"handed_out_on": "2026-06-01"}))]
pub struct HandOut {
    /// When, today unless said. Before `starts_on` if the copy is free until then.
    pub handed_out_on: Option<NaiveDate>,
    /// The contents, if they are counted again.
    #[validate(nested)]
    pub check: Option<ContentCheck>,
}

/// The borrower keeps the copy longer.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"due_on": "2026-07-06"}))]
pub struct LoanExtension {
    /// The new day of the return: an open one. Unless said, the days of a loan later, or the next open day.
    pub due_on: Option<NaiveDate>,
}

/// The borrower brings the copy back.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "returned_on": "2026-06-22",
    "check": {
        "condition": "good", "items": [{"item_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d11", "present": 2, "damaged": 0}]
    }
}))]
pub struct LoanReturn {
    /// When, today unless said.
    pub returned_on: Option<NaiveDate>,
    /// The contents, counted item by item.
    #[validate(nested)]
    pub check: ContentCheck,
}
