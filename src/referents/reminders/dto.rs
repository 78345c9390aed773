//! Reminders in the contract.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::Id;
use crate::referents::dto::ReferentIdentity;
use crate::referents::model::{Standing, StandingReason};

/// A referent who needs something.
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
    /// The structure.
    pub organisation_id: Id,
    /// Its name.
    pub organisation_name: String,
    /// Who they are: personal data, sealed at rest.
    pub identity: ReferentIdentity,
    /// The first day in the network.
    pub appointed_on: NaiveDate,
    /// Where they stand today.
    pub standing: Standing,
    /// The day on which the standing will change by the calendar alone; null when it will not.
    #[schema(required = true)]
    pub changes_on: Option<NaiveDate>,
    /// What it will be then.
    #[schema(required = true)]
    pub changes_to: Option<Standing>,
    /// What they need.
    pub needs: Vec<ReferentNeed>,
}

/// Something that a referent needs.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"need": "charter_not_signed_by_structure", "since": "2026-02-02", "due_on": null}))]
pub struct ReferentNeed {
    /// What.
    pub need: StandingReason,
    /// Since when: the appointment for training; the end of the training for the charter, or the appointment before it;
    /// 1 January for the obligations of the year.
    pub since: NaiveDate,
    /// The last day for it: 31 December for the obligations of the year. Null where no rule gives one.
    #[schema(required = true)]
    pub due_on: Option<NaiveDate>,
}

crate::page! {
    /// A page of referents who need something.
    ReferentReminderPage of ReferentReminder
}
