//! Requests and responses about reservations.

pub mod actions;
pub mod assessment;
pub mod filter;
pub mod new;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{BorrowerKind, LoanWarning, ReservationAction, ReservationStatus};
use crate::db::{Id, UtcTs};
use crate::naming::model::{Named, Names};
use crate::nomenclatures::codes::ReservationReason;
use crate::privacy::Secret;
use crate::territories::CommuneCode;

/// A reservation of a kit. It becomes a loan when the copy is handed out.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d20", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "kit_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d10", "kit_title_fr": "Sensorielle",
    "copy_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12", "copy_label": "1", "status": "confirmed",
    "available_actions": ["cancel", "move", "hand-out"],
    "borrower": {
        "kind": "household", "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63",
        "household_name": "Zoé Exemple", "organisation_id": null, "organisation_name": null,
        "name": null, "phone": null, "email": null
    },
    "commune_code": "63300", "commune_name": "Riom", "case_id": null, "case_name": null, "warnings": [], "starts_on": "2026-06-01", "due_on": "2026-06-22", "asked_days": 21, "buffer_days": 1,
    "blocked_until": "2026-06-23", "extensions": 0, "handed_out_on": null, "returned_on": null, "overdue": false,
    "endangered": false, "endangered_by_loan_id": null, "queue_position": null, "waits_until": null,
    "proposal_expires_at": null, "reason": null, "decided_on": "2026-05-18", "note": null,
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple", "version": 2,
    "created_at": "2026-05-18T08:15:00.000000Z", "updated_at": "2026-05-18T08:20:00.000000Z"
}))]
pub struct Reservation {
    /// Identifier.
    pub id: Id,
    /// The service that lends.
    pub service_id: Id,
    /// The kit.
    pub kit_id: Id,
    /// Title of the kit in French.
    pub kit_title_fr: String,
    /// The copy that is or was held for it; null in the queue.
    pub copy_id: Option<Id>,
    /// Label on the copy.
    pub copy_label: Option<String>,
    /// Current state.
    pub status: ReservationStatus,
    /// Actions allowed in the current state.
    pub available_actions: Vec<ReservationAction>,
    /// The borrower.
    pub borrower: Borrower,
    /// INSEE code of the borrower's commune.
    pub commune_code: CommuneCode,
    /// Name of the commune.
    pub commune_name: Option<&'static str>,
    /// The case that it is for, if any.
    pub case_id: Option<Id>,
    /// Name of the child or of the structure of the case; null if the caller does not hold `households:read` or `organisations:read`.
    #[schema(value_type = Option<String>)]
    pub case_name: Option<Secret<String>>,
    /// What is unusual about it, by the settings of today. Warnings block nothing; `POST /v1/reservations/check` explains
    /// them.
    pub warnings: Vec<LoanWarning>,
    /// The day of the hand-out; in the queue, the requested day.
    pub starts_on: NaiveDate,
    /// The day of the return.
    pub due_on: NaiveDate,
    /// The length that was asked for, in days. The loan lasts longer if the service is closed on its last day; it gets this
    /// length back when it is moved.
    pub asked_days: i32,
    /// Open days for cleaning and checking after the return, as set when it was booked.
    pub buffer_days: i32,
    /// The last day that it takes of the copy, buffer included.
    pub blocked_until: NaiveDate,
    /// Number of extensions.
    pub extensions: i32,
    /// When it was handed out.
    pub handed_out_on: Option<NaiveDate>,
    /// When it was returned.
    pub returned_on: Option<NaiveDate>,
    /// Whether the borrower has the copy and was due to return it before today.
    pub overdue: bool,
    /// Whether the copy may not be available at the start: the copy is out of service, or a loan of it is overdue.
    pub endangered: bool,
    /// The overdue loan that endangers it; null if there is none.
    pub endangered_by_loan_id: Option<Id>,
    /// In the queue: its position, from 1.
    pub queue_position: Option<i64>,
    /// In the queue: the last day on which the loan may start.
    pub waits_until: Option<NaiveDate>,
    /// When the proposal expires: confirm it before then.
    pub proposal_expires_at: Option<UtcTs>,
    /// Why it ended without a loan.
    pub reason: Option<ReservationReason>,
    /// When its state last changed.
    pub decided_on: Option<NaiveDate>,
    /// Note. Personal data, encrypted at rest.
    #[schema(value_type = Option<String>)]
    pub note: Option<Secret<String>>,
    /// Who recorded it.
    pub author: String,
    /// Name of who recorded it; null for API clients.
    pub author_name: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl Named for Reservation {
    fn show_names(&mut self, names: &mut Names) {
        names.household(self.borrower.household_id, &mut self.borrower.household_name);
        names.organisation(self.borrower.organisation_id, &mut self.borrower.organisation_name);
        names.case(self.case_id, &mut self.case_name);
        names.author(Some(&self.author), &mut self.author_name);
    }
}

/// The borrower of a reservation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Borrower {
    /// Kind of borrower.
    pub kind: BorrowerKind,
    /// The household.
    pub household_id: Option<Id>,
    /// Names of the children of the household, or of its contacts if it has none; null if the caller does not hold `households:read`, and after an erasure.
    #[schema(value_type = Option<String>)]
    pub household_name: Option<Secret<String>>,
    /// The organisation, or the employer of a professional.
    pub organisation_id: Option<Id>,
    /// Its name; null if the caller does not hold `organisations:read`.
    pub organisation_name: Option<String>,
    /// Name of a professional. Personal data, encrypted at rest.
    #[schema(value_type = Option<String>)]
    pub name: Option<Secret<String>>,
    /// Telephone number of a professional.
    #[schema(value_type = Option<String>)]
    pub phone: Option<Secret<String>>,
    /// E-mail address of a professional.
    #[schema(value_type = Option<String>)]
    pub email: Option<Secret<String>>,
}

crate::resource!(Reservation at "/v1/reservations/");

crate::page! {
    /// A page of reservations.
    ReservationPage of Reservation
}
