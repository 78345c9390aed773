//! Instalments and payments as the contract describes them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::{InstalmentAction, InstalmentStanding};
use crate::db::{Id, UtcTs, text_enum};
use crate::http::reply::Located;
use crate::naming::model::{Named, Names};
use crate::nomenclatures::codes::ConventionReason;

/// An instalment of a new contribution.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"due_on": "2026-03-31"}))]
pub struct InstalmentInput {
    /// Due date.
    pub due_on: NaiveDate,
    /// Amount due, in cents. Give it for every instalment, or for none to get equal parts.
    #[schema(minimum = 0, maximum = 10_000_000_000_i64)]
    pub amount_cents: Option<i64>,
}

/// An instalment: a part of a contribution, due on a date.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e21", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "convention_name": "Riom Limagne et Volcans", "contribution_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e20",
    "number": 1, "due_on": "2026-03-31", "amount_cents": 188_773, "received_cents": 0, "waived_cents": 0,
    "remaining_cents": 188_773, "standing": "called", "available_actions": ["receive", "waive"],
    "called_on": "2026-02-02", "call_reference": "T-2026-114", "waived_on": null, "waiver_reason": null, "version": 2,
    "created_at": "2025-12-18T08:15:00.000000Z", "updated_at": "2026-02-02T08:20:00.000000Z"
}))]
pub struct Instalment {
    /// Identifier.
    pub id: Id,
    /// The service that is funded.
    pub service_id: Id,
    /// The convention.
    pub convention_id: Id,
    /// Name of the local authority of the convention.
    pub convention_name: Option<String>,
    /// The contribution that it belongs to.
    pub contribution_id: Id,
    /// Its number in the contribution, from 1, in date order.
    #[schema(minimum = 1)]
    pub number: i32,
    /// Due date.
    pub due_on: NaiveDate,
    /// Amount due, in cents.
    pub amount_cents: i64,
    /// Amount received so far, in cents.
    pub received_cents: i64,
    /// Amount waived by the service, in cents.
    pub waived_cents: i64,
    /// Amount still to be received, in cents.
    pub remaining_cents: i64,
    /// Standing today.
    pub standing: InstalmentStanding,
    /// Actions allowed now; none until the contribution is frozen.
    pub available_actions: Vec<InstalmentAction>,
    /// Date of the call.
    pub called_on: Option<NaiveDate>,
    /// Reference of the call.
    pub call_reference: Option<String>,
    /// Date on which the remaining amount was waived.
    pub waived_on: Option<NaiveDate>,
    /// Reason of the waiver.
    pub waiver_reason: Option<ConventionReason>,
    /// Version of the row.
    pub version: i32,
    /// When it was computed.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl Named for Instalment {
    fn show_names(&mut self, names: &mut Names) {
        names.convention(Some(self.convention_id), &mut self.convention_name);
    }
}

crate::resource!(Instalment at "/v1/instalments/");

crate::page! {
    /// A page of instalments.
    InstalmentPage of Instalment
}

/// A call: the request to pay an instalment.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"called_on": "2026-02-02", "reference": "T-2026-114"}))]
pub struct CallForPayment {
    /// Date of the call. Today by default.
    pub called_on: Option<NaiveDate>,
    /// Reference of the call, such as the number of the payment order.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    pub reference: Option<String>,
}

/// A waiver of the remaining amount of an instalment.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "agreed_by_both"}))]
pub struct InstalmentWaiver {
    /// Reason.
    pub reason: ConventionReason,
    /// Date of the decision. Today by default.
    pub waived_on: Option<NaiveDate>,
}

/// A payment received.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"received_on": "2026-03-27", "reference": "Virement 4471"}))]
pub struct PaymentInput {
    /// Date of receipt. Today by default.
    pub received_on: Option<NaiveDate>,
    /// Amount, in cents. By default, all of the remaining amount.
    #[schema(minimum = 1, maximum = 10_000_000_000_i64)]
    pub amount_cents: Option<i64>,
    /// Reference on the bank statement.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    pub reference: Option<String>,
}

/// A payment of all or part of an instalment.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e30", "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "convention_name": "Riom Limagne et Volcans",
    "instalment_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e21", "received_on": "2026-03-27", "amount_cents": 188_773,
    "reference": "Virement 4471", "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple",
    "created_at": "2026-03-30T08:20:00.000000Z"
}))]
pub struct Payment {
    /// Identifier.
    pub id: Id,
    /// The convention.
    pub convention_id: Id,
    /// Name of the local authority of the convention.
    pub convention_name: Option<String>,
    /// The instalment.
    pub instalment_id: Id,
    /// Date of receipt.
    pub received_on: NaiveDate,
    /// Amount, in cents.
    #[schema(minimum = 1)]
    pub amount_cents: i64,
    /// Reference on the bank statement.
    pub reference: Option<String>,
    /// Who recorded it.
    pub author: String,
    /// Name of who recorded it; null for API clients.
    pub author_name: Option<String>,
    /// When it was recorded.
    pub created_at: UtcTs,
}

impl Named for Payment {
    fn show_names(&mut self, names: &mut Names) {
        names.convention(Some(self.convention_id), &mut self.convention_name);
        names.author(Some(&self.author), &mut self.author_name);
    }
}

impl Located for Payment {
    fn location(&self) -> String {
        format!("/v1/instalments/{}/payments", self.instalment_id)
    }

    fn version(&self) -> Option<i32> {
        None
    }
}

crate::page! {
    /// A page of payments, earliest received first.
    PaymentPage of Payment
}

text_enum! {
    /// Sort order of the lists of instalments.
    pub enum InstalmentSort {
        /// Earliest due date first.
        DueOn = "due_on",
        /// Latest due date first.
        DueOnDesc = "-due_on",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
    }
}

/// Filters of the list of instalments; all of them apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct InstalmentFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Only this service. By default, every service that the caller can access.
    pub service_id: Option<Id>,
    /// Only of this convention.
    pub convention_id: Option<Id>,
    /// Only of this contribution.
    pub contribution_id: Option<Id>,
    /// Only with an amount remaining (`true`), or only without (`false`).
    #[param(example = true)]
    pub unpaid: Option<bool>,
    /// Due on or after this day.
    pub due_from: Option<NaiveDate>,
    /// Due on or before this day.
    pub due_to: Option<NaiveDate>,
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: earliest due date first.
    pub sort: Option<InstalmentSort>,
}

/// Filters of the list of unpaid instalments.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct UnpaidFilter {
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: earliest due date first.
    pub sort: Option<InstalmentSort>,
}
