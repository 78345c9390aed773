//! The request bodies of decisions about a convention, and its history.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::OpenedService;
use crate::db::{UtcTs, text_enum};
use crate::naming::model::{Named, Names};
use crate::nomenclatures::codes::ConventionReason;

/// Proposal of a convention to the local authority.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"proposed_on": "2025-11-12"}))]
pub struct ConventionProposal {
    /// Date on which it was sent. Today by default.
    pub proposed_on: Option<NaiveDate>,
}

/// Signature of a convention.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"signed_on": "2025-12-18"}))]
pub struct ConventionSignature {
    /// Date on which the last party signed. Today by default.
    pub signed_on: Option<NaiveDate>,
}

/// Refusal of a convention.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "budget", "declined_on": "2025-12-18"}))]
pub struct ConventionRefusal {
    /// Reason.
    pub reason: ConventionReason,
    /// Date on which it was refused or abandoned. Today by default.
    pub declined_on: Option<NaiveDate>,
}

/// Suspension of a convention.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "non_payment", "starts_on": "2026-03-01"}))]
pub struct SuspensionInput {
    /// Reason.
    pub reason: ConventionReason,
    /// First suspended day, not in the future. Today by default.
    pub starts_on: Option<NaiveDate>,
}

/// End of a suspension.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"resumes_on": "2026-03-02"}))]
pub struct SuspensionEnd {
    /// First day on which the convention is in effect again, not in the future. Today by default.
    pub resumes_on: Option<NaiveDate>,
}

/// Early end of a convention.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "agreed_by_both", "last_day": "2026-06-30"}))]
pub struct ConventionTermination {
    /// Reason.
    pub reason: ConventionReason,
    /// Last day in effect, within the period of the convention. It may be in the future.
    pub last_day: NaiveDate,
}

/// Amendment of a convention: new terms from a given day.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "effective_on": "2026-03-02", "signed_on": "2026-02-26", "summary": "Une journée pédagogique de plus",
    "services": [{"complementary_service": "pedagogical_days", "yearly_quota": 3}]
}))]
pub struct ConventionAmendment {
    /// First day in effect: within the period, and not before the terms that it replaces take effect.
    pub effective_on: NaiveDate,
    /// Date on which the last party signed it, not in the future.
    pub signed_on: NaiveDate,
    /// Short summary of what it changes. It must not contain personal data.
    #[schema(format = "lines", min_length = 1, max_length = 500, pattern = r"\S")]
    pub summary: String,
    /// New last day of the convention. Unchanged by default.
    pub ends_on: Option<NaiveDate>,
    /// The complementary services that it gives access to: the whole list. Unchanged by default.
    #[schema(value_type = Vec<OpenedService>, required = false, max_items = 20)]
    pub services: Option<Vec<OpenedService>>,
}

text_enum! {
    /// Event in the history of a convention.
    pub enum ConventionEventAction {
        /// It was sent to the local authority.
        Proposed = "proposed",
        /// The parties signed it.
        Signed = "signed",
        /// It was refused or abandoned.
        Declined = "declined",
        /// It was suspended.
        Suspended = "suspended",
        /// Its suspension ended.
        Resumed = "resumed",
        /// It was ended early.
        Terminated = "terminated",
        /// It was amended.
        Amended = "amended",
    }
}

/// An event in the history of a convention.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "version": 3, "action": "signed", "happened_on": "2025-12-18", "reason": null,
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple", "created_at": "2025-12-18T14:00:00.000000Z"
}))]
pub struct ConventionEvent {
    /// Version of the convention after the event.
    pub version: i32,
    /// What happened.
    pub action: ConventionEventAction,
    /// Date that the author gave: that of the proposal, of the signature or of the refusal, the first day of a
    /// suspension, the first day after it, the last day of a terminated convention, or the first day of an amendment.
    pub happened_on: NaiveDate,
    /// Reason; null if the action takes none.
    pub reason: Option<ConventionReason>,
    /// Who recorded it.
    pub author: String,
    /// Their name; null for API clients.
    pub author_name: Option<String>,
    /// When it was recorded.
    pub created_at: UtcTs,
}

impl Named for ConventionEvent {
    fn show_names(&mut self, names: &mut Names) {
        names.author(Some(&self.author), &mut self.author_name);
    }
}

crate::page! {
    /// A page of the history of a convention, oldest event first.
    ConventionEventPage of ConventionEvent
}
