//! What is decided about a convention, in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::OpenedService;
use crate::conventions::agreements::store::history::EventRow;
use crate::db::{UtcTs, text_enum};
use crate::nomenclatures::codes::ConventionReason;

/// A proposal to the collectivity.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"proposed_on": "2025-11-12"}))]
pub struct ConventionProposal {
    /// The day on which it was sent; today when absent.
    pub proposed_on: Option<NaiveDate>,
}

/// A signature.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"signed_on": "2025-12-18"}))]
pub struct ConventionSignature {
    /// The day on which the last party signed; today when absent.
    pub signed_on: Option<NaiveDate>,
}

/// A refusal.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "budget", "declined_on": "2025-12-18"}))]
pub struct ConventionRefusal {
    /// Why.
    pub reason: ConventionReason,
    /// The day on which it was refused or given up; today when absent.
    pub declined_on: Option<NaiveDate>,
}

/// A suspension.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "non_payment", "starts_on": "2026-03-01"}))]
pub struct NewSuspension {
    /// Why.
    pub reason: ConventionReason,
    /// The first day without effect, not in the future; today when absent.
    pub starts_on: Option<NaiveDate>,
}

/// The end of a suspension.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"resumes_on": "2026-03-02"}))]
pub struct SuspensionEnd {
    /// The first day with effect again, not in the future; today when absent.
    pub resumes_on: Option<NaiveDate>,
}

/// The end of a convention before its end.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "agreed_by_both", "last_day": "2026-06-30"}))]
pub struct ConventionTermination {
    /// Why.
    pub reason: ConventionReason,
    /// The last day on which it holds, in its period. It may be to come.
    pub last_day: NaiveDate,
}

/// An amendment: other terms from a day on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "effective_on": "2026-03-02", "signed_on": "2026-02-26", "summary": "Une journée pédagogique de plus",
    "services": [{"complementary_service": "pedagogical_days", "yearly_quota": 3}]
}))]
pub struct ConventionAmendment {
    /// From which day on it holds: in the period, and not before the terms that it replaces.
    pub effective_on: NaiveDate,
    /// The day on which the last party signed it, not in the future.
    pub signed_on: NaiveDate,
    /// What it changes, in a few words; nothing about a person.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S")]
    pub summary: String,
    /// Another last day of the convention; as before when absent.
    pub ends_on: Option<NaiveDate>,
    /// The complementary services that it opens: all of them; as before when absent.
    #[schema(value_type = Vec<OpenedService>, required = false, max_items = 20)]
    pub services: Option<Vec<OpenedService>>,
}

text_enum! {
    /// What happened to a convention.
    pub enum ConventionEventAction {
        /// It was sent to the collectivity.
        Proposed = "proposed",
        /// The parties signed it.
        Signed = "signed",
        /// It was refused or given up.
        Declined = "declined",
        /// It was suspended.
        Suspended = "suspended",
        /// Its suspension ended.
        Resumed = "resumed",
        /// It was ended before its end.
        Terminated = "terminated",
        /// Its terms were changed.
        Amended = "amended",
    }
}

/// Something that happened to a convention.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "version": 3, "action": "signed", "happened_on": "2025-12-18", "reason": null,
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "created_at": "2025-12-18T14:00:00.000000Z"
}))]
pub struct ConventionEvent {
    /// The version of the convention that it made.
    pub version: i32,
    /// What happened.
    pub action: ConventionEventAction,
    /// The day that the author gave: of the proposal, the signature, the first day of a suspension, the last day of the
    /// convention.
    pub happened_on: NaiveDate,
    /// Why.
    #[schema(required = true)]
    pub reason: Option<ConventionReason>,
    /// Who recorded it.
    pub author: String,
    /// When it was recorded.
    pub created_at: UtcTs,
}

impl From<EventRow> for ConventionEvent {
    fn from(row: EventRow) -> Self {
        Self {
            version: row.version,
            action: row.action,
            happened_on: row.happened_on,
            reason: row.reason,
            author: row.author,
            created_at: row.created_at,
        }
    }
}

crate::page! {
    /// A page of the history of a convention, oldest first.
    ConventionEventPage of ConventionEvent
}
