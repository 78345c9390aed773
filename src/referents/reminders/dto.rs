//! Reminders in the contract.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::Id;
use crate::referents::dto::ReferentIdentity;
use crate::referents::model::{Standing, StandingReason};

/// A referent with something left to do.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "referent_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62",
    "organisation_name": "Multi-accueil Les Lutins",
    "identity": {"name": "Dominique Exemple", "phone": null, "email": "dominique@example.org", "role": null},
    "appointed_on": "2024-01-15", "standing": "certified", "changes_on": "2027-01-01", "changes_to": "lapsed",
    "needs": [{"need": "themed_day", "since": "2026-01-01", "due_on": "2026-12-31"}]
}))]
pub struct ReferentReminder {
    /// The referent.
    pub referent_id: Id,
    /// The structure of the referent.
    pub organisation_id: Id,
    /// Name of the structure.
    pub organisation_name: String,
    /// Name, contact details and role: personal data, encrypted at rest.
    pub identity: ReferentIdentity,
    /// First day in the network.
    pub appointed_on: NaiveDate,
    /// Standing today.
    pub standing: Standing,
    /// Date on which the standing changes if nothing is recorded; null if it does not.
    pub changes_on: Option<NaiveDate>,
    /// Standing from that date.
    pub changes_to: Option<Standing>,
    /// What is left to do.
    pub needs: Vec<ReferentNeed>,
}

/// Something that a referent has left to do.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"need": "charter_not_signed_by_structure", "since": "2026-02-02", "due_on": null}))]
pub struct ReferentNeed {
    /// What is missing.
    pub need: StandingReason,
    /// Since when: the appointment, for training; the end of the training, or the appointment before that, for the charter;
    /// 1 January, for the obligations of the year.
    pub since: NaiveDate,
    /// Deadline: 31 December for the obligations of the year. Null where no rule sets one.
    pub due_on: Option<NaiveDate>,
}

crate::page! {
    /// A page of reminders.
    ReferentReminderPage of ReferentReminder
}
