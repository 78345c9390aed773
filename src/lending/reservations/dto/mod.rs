//! Reservations in the contract.

pub mod actions;
pub mod assessment;
pub mod filter;
pub mod new;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::borrower::Contact;
use super::model::{BorrowerKind, ReservationAction, ReservationStatus};
use super::store::ReservationRow;
use crate::db::{Id, UtcTs};
use crate::http::reply::Located;
use crate::nomenclatures::codes::ReservationReason;
use crate::privacy::Secret;
use crate::territories::CommuneCode;

/// A reservation of a kit, which becomes a loan when the copy is handed out.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d20", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "kit_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d10", "kit_title_fr": "Sensorielle",
    "copy_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12", "copy_label": "1", "status": "confirmed",
    "available_actions": ["cancel", "move", "hand-out", "not-collected"],
    "borrower": {
        "kind": "household", "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "organisation_id": null,
        "name": null, "phone": null, "email": null
    },
    "commune_code": "63300", "case_id": null, "starts_on": "2026-06-01", "due_on": "2026-06-22", "buffer_days": 1,
    "blocked_until": "2026-06-23", "extensions": 0, "handed_out_on": null, "returned_on": null, "overdue": false,
    "endangered": false, "endangered_by_loan_id": null, "queue_position": null, "waits_until": null,
    "proposal_expires_at": null, "reason": null, "decided_on": "2026-05-18", "note": null,
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "version": 2,
    "created_at": "2026-05-18T08:15:00.000000Z", "updated_at": "2026-05-18T08:20:00.000000Z"
}))]
pub struct Reservation {
    /// Identifier.
    pub id: Id,
    /// The service that lends.
    pub service_id: Id,
    /// The kit.
    pub kit_id: Id,
    /// Its title in French.
    pub kit_title_fr: String,
    /// The copy that is kept for it, or was; null in the queue.
    #[schema(required = true)]
    pub copy_id: Option<Id>,
    /// What is written on the copy.
    #[schema(required = true)]
    pub copy_label: Option<String>,
    /// Where it stands.
    pub status: ReservationStatus,
    /// What can be done with it now.
    pub available_actions: Vec<ReservationAction>,
    /// Who borrows.
    pub borrower: Borrower,
    /// INSEE code of the commune where the borrower is.
    pub commune_code: CommuneCode,
    /// The case that it is for, if any.
    #[schema(required = true)]
    pub case_id: Option<Id>,
    /// The day of the hand-out; the first one wanted, in the queue.
    pub starts_on: NaiveDate,
    /// The day of the return.
    pub due_on: NaiveDate,
    /// Open days for cleaning and checking after it, as they were when it was booked.
    pub buffer_days: i32,
    /// The last day that the copy is kept for it, buffer included.
    pub blocked_until: NaiveDate,
    /// How often it was extended.
    pub extensions: i32,
    /// The day on which it was handed out.
    #[schema(required = true)]
    pub handed_out_on: Option<NaiveDate>,
    /// The day on which it came back.
    #[schema(required = true)]
    pub returned_on: Option<NaiveDate>,
    /// Whether the borrower has it and should have brought it back before today.
    pub overdue: bool,
    /// Whether the copy may not be there when it begins: it is out of service, or a loan of it is late.
    pub endangered: bool,
    /// The late loan of the copy; null when there is none, or when the copy is out of service.
    #[schema(required = true)]
    pub endangered_by_loan_id: Option<Id>,
    /// In the queue: its place, from 1.
    #[schema(required = true)]
    pub queue_position: Option<i64>,
    /// In the queue: the last day on which the loan may begin.
    #[schema(required = true)]
    pub waits_until: Option<NaiveDate>,
    /// Until when a copy that came free is kept for it: confirm before.
    #[schema(required = true)]
    pub proposal_expires_at: Option<UtcTs>,
    /// Why it ended without a loan.
    #[schema(required = true)]
    pub reason: Option<ReservationReason>,
    /// The day of the last decision.
    #[schema(required = true)]
    pub decided_on: Option<NaiveDate>,
    /// What was noted: personal data, sealed at rest.
    #[schema(required = true, value_type = Option<String>)]
    pub note: Option<Secret<String>>,
    /// Who recorded it.
    pub author: String,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

/// Who borrows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Borrower {
    /// What it is.
    pub kind: BorrowerKind,
    /// The family.
    #[schema(required = true)]
    pub household_id: Option<Id>,
    /// The organisation, or the one that a professional works for.
    #[schema(required = true)]
    pub organisation_id: Option<Id>,
    /// Name of a professional: personal data, sealed at rest.
    #[schema(required = true, value_type = Option<String>)]
    pub name: Option<Secret<String>>,
    /// Telephone of a professional.
    #[schema(required = true, value_type = Option<String>)]
    pub phone: Option<Secret<String>>,
    /// E-mail address of a professional.
    #[schema(required = true, value_type = Option<String>)]
    pub email: Option<Secret<String>>,
}

/// What a reservation shows besides its row.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    pub(super) kit_title_fr: String,
    pub(super) copy_label: Option<String>,
    pub(super) contact: Option<Contact>,
    pub(super) note: Option<Secret<String>>,
    pub(super) overdue: bool,
    pub(super) endangered: bool,
    pub(super) endangered_by_loan_id: Option<Id>,
    pub(super) queue_position: Option<i64>,
}

impl Reservation {
    pub(super) fn new(row: ReservationRow, status: ReservationStatus, around: Surroundings) -> Self {
        let contact = around.contact.unwrap_or_default();
        Self {
            id: row.id,
            service_id: row.service_id,
            kit_id: row.kit_id,
            kit_title_fr: around.kit_title_fr,
            copy_id: row.copy_id,
            copy_label: around.copy_label,
            status,
            available_actions: status.available_actions(),
            borrower: Borrower {
                kind: row.borrower_kind,
                household_id: row.household_id,
                organisation_id: row.organisation_id,
                name: contact.name,
                phone: contact.phone,
                email: contact.email,
            },
            commune_code: row.commune_code,
            case_id: row.case_id,
            starts_on: row.starts_on,
            due_on: row.due_on,
            buffer_days: row.buffer_days,
            blocked_until: row.blocked_until,
            extensions: row.extensions,
            handed_out_on: row.handed_out_on,
            returned_on: row.returned_on,
            overdue: around.overdue,
            endangered: around.endangered,
            endangered_by_loan_id: around.endangered_by_loan_id,
            queue_position: around.queue_position,
            waits_until: row.waits_until,
            proposal_expires_at: row.proposal_expires_at,
            reason: row.reason,
            decided_on: row.decided_on,
            note: around.note,
            author: row.author,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(Reservation);

impl Located for Reservation {
    fn location(&self) -> String {
        format!("/v1/reservations/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::page! {
    /// A page of reservations.
    ReservationPage of Reservation
}
