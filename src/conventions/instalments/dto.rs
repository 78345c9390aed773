//! Instalments and payments in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::{InstalmentAction, InstalmentStanding};
use super::store::{InstalmentRow, PaymentRow};
use crate::db::{Id, UtcTs, text_enum};
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::http::reply::Located;
use crate::nomenclatures::codes::ConventionReason;

/// A part of a contribution.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"due_on": "2026-03-31"}))]
pub struct NewInstalment {
    /// When it is due.
    pub due_on: NaiveDate,
    /// What is due, in cents: of every instalment, or of none for equal parts.
    #[schema(minimum = 0, maximum = 10_000_000_000_i64)]
    pub amount_cents: Option<i64>,
}

/// A part of a contribution, due on a date.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e21", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "contribution_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e20",
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
    /// The contribution that it is a part of.
    pub contribution_id: Id,
    /// Its number in the contribution, from 1, by date.
    #[schema(minimum = 1)]
    pub number: i32,
    /// When it is due.
    pub due_on: NaiveDate,
    /// What is due, in cents.
    pub amount_cents: i64,
    /// Received so far, in cents.
    pub received_cents: i64,
    /// Given up by the service, in cents.
    pub waived_cents: i64,
    /// Still to be received, in cents.
    pub remaining_cents: i64,
    /// Where it stands today.
    pub standing: InstalmentStanding,
    /// What can be done with it now; nothing until the contribution is frozen.
    pub available_actions: Vec<InstalmentAction>,
    /// When it was called for.
    #[schema(required = true)]
    pub called_on: Option<NaiveDate>,
    /// The number of the call.
    #[schema(required = true)]
    pub call_reference: Option<String>,
    /// When what remained was given up.
    #[schema(required = true)]
    pub waived_on: Option<NaiveDate>,
    /// Why it was given up.
    #[schema(required = true)]
    pub waiver_reason: Option<ConventionReason>,
    /// Version of the row.
    pub version: i32,
    /// When it was computed.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl Instalment {
    pub(super) fn new(row: InstalmentRow, frozen: bool, today: NaiveDate) -> Self {
        let account = row.account();
        Self {
            remaining_cents: account.remaining_cents(),
            standing: account.standing(today),
            available_actions: if frozen { account.available_actions() } else { Vec::new() },
            id: row.id,
            service_id: row.service_id,
            convention_id: row.convention_id,
            contribution_id: row.contribution_id,
            number: row.number,
            due_on: row.due_on,
            amount_cents: row.amount_cents,
            received_cents: row.received_cents,
            waived_cents: row.waived_cents,
            called_on: row.called_on,
            call_reference: row.call_reference,
            waived_on: row.waived_on,
            waiver_reason: row.waiver_reason,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(Instalment);

impl Located for Instalment {
    fn location(&self) -> String {
        format!("/v1/instalments/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::page! {
    /// A page of instalments.
    InstalmentPage of Instalment
}

/// A call for an instalment.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"called_on": "2026-02-02", "reference": "T-2026-114"}))]
pub struct InstalmentCall {
    /// The day of the call; today when absent.
    pub called_on: Option<NaiveDate>,
    /// Its number, such as that of the payment order.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    pub reference: Option<String>,
}

/// Giving up what remains of an instalment.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "agreed_by_both"}))]
pub struct InstalmentWaiver {
    /// Why.
    pub reason: ConventionReason,
    /// The day of the decision; today when absent.
    pub waived_on: Option<NaiveDate>,
}

/// A payment that was received.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"received_on": "2026-03-27", "reference": "Virement 4471"}))]
pub struct NewPayment {
    /// The day on which it was received; today when absent.
    pub received_on: Option<NaiveDate>,
    /// The sum, in cents; all that remains when absent.
    #[schema(minimum = 1, maximum = 10_000_000_000_i64)]
    pub amount_cents: Option<i64>,
    /// What tells it on the account.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    pub reference: Option<String>,
}

/// A payment of an instalment, or of a part of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e30", "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10",
    "instalment_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e21", "received_on": "2026-03-27", "amount_cents": 188_773,
    "reference": "Virement 4471", "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10",
    "created_at": "2026-03-30T08:20:00.000000Z"
}))]
pub struct Payment {
    /// Identifier.
    pub id: Id,
    /// The convention.
    pub convention_id: Id,
    /// The instalment.
    pub instalment_id: Id,
    /// The day on which it was received.
    pub received_on: NaiveDate,
    /// The sum, in cents.
    #[schema(minimum = 1)]
    pub amount_cents: i64,
    /// What tells it on the account.
    #[schema(required = true)]
    pub reference: Option<String>,
    /// Who recorded it.
    pub author: String,
    /// When it was recorded.
    pub created_at: UtcTs,
}

impl From<PaymentRow> for Payment {
    fn from(row: PaymentRow) -> Self {
        Self {
            id: row.id,
            convention_id: row.convention_id,
            instalment_id: row.instalment_id,
            received_on: row.received_on,
            amount_cents: row.amount_cents,
            reference: row.reference,
            author: row.author,
            created_at: row.created_at,
        }
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
    /// A page of payments, the first received first.
    PaymentPage of Payment
}

text_enum! {
    /// Order of the lists of instalments.
    pub enum InstalmentSort {
        /// The first due first.
        DueOn = "due_on",
        /// The last due first.
        DueOnDesc = "-due_on",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
    }
}

/// Which instalments; every condition that is given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct InstalmentFilter {
    /// Of this service; of every service that the token may see when absent.
    pub service_id: Option<Id>,
    /// Of this convention.
    pub convention_id: Option<Id>,
    /// Of this contribution.
    pub contribution_id: Option<Id>,
    /// With something still to be received, or with nothing.
    #[param(example = true)]
    pub unpaid: Option<bool>,
    /// Due on this day or later.
    pub due_from: Option<NaiveDate>,
    /// Due on this day or earlier.
    pub due_to: Option<NaiveDate>,
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Order, the first due first unless said.
    pub sort: Option<InstalmentSort>,
}

impl QueryParams for InstalmentFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<UtcTs>();
        description.reference::<InstalmentSort>();
    }
}

/// Which of those that are unpaid.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct UnpaidFilter {
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Order, the first due first unless said.
    pub sort: Option<InstalmentSort>,
}

impl QueryParams for UnpaidFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<UtcTs>();
        description.reference::<InstalmentSort>();
    }
}
