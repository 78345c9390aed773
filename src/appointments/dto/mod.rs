//! Appointments in the contract.

pub mod acts;
pub mod filter;
pub mod new;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{AppointmentAction, AppointmentStatus};
use crate::cases::interventions::dto::Participants;
use crate::db::{Id, UtcTs};
use crate::naming::model::{Named, Names};
use crate::nomenclatures::codes::{AppointmentCanceller, InterventionPlace, InterventionType};
use crate::privacy::Secret;

/// An appointment with a family or a partner.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"case_names": ["Zoé Exemple"], 
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f10", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "status": "planned", "available_actions": ["confirm", "hold", "cancel", "miss", "move"],
    "type": "family_interview", "planned_on": "2026-03-12", "starts_at": "09:30", "minutes": 60,
    "place": "family_home", "organisation_id": null, "organisation_name": null, "on_school_time": false,
    "case_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"],
    "professional_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10"], "professional_names": ["Dominique Exemple"],
    "participants": [{"kind": "parent", "number": 2}], "title": "Premier entretien", "note": null,
    "cancelled_by": null, "excused": null, "interventions": [], "work_id": null,
    "moves": [{
        "planned_on": "2026-03-10", "starts_at": "09:30", "minutes": 60,
        "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple", "moved_at": "2026-03-09T16:30:00.000000Z"
    }],
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple", "version": 2,
    "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-09T16:30:00.000000Z"
}))]
pub struct Appointment {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// State.
    pub status: AppointmentStatus,
    /// Actions allowed now. `hold` and `miss` are from its day on. About a closed case, `hold` and `reopen` are for an appointment
    /// before the closing, for as long as the case takes late work.
    pub available_actions: Vec<AppointmentAction>,
    /// Type of the intervention that it becomes when it is held.
    #[serde(rename = "type")]
    pub kind: InterventionType,
    /// Day.
    pub planned_on: NaiveDate,
    /// Time, in the local time of the service.
    #[schema(example = "09:30")]
    pub starts_at: String,
    /// Planned duration in minutes.
    pub minutes: i32,
    /// Type of place.
    pub place: InterventionPlace,
    /// The organisation concerned.
    pub organisation_id: Option<Id>,
    /// Its name; null for API clients.
    pub organisation_name: Option<String>,
    /// Whether it is on school time.
    pub on_school_time: bool,
    /// The cases that it is about, in the order given.
    pub case_ids: Vec<Id>,
    /// Names of their children or structures, in the same order; null for one whose name the caller may not see.
    #[schema(value_type = Vec<Option<String>>)]
    pub case_names: Vec<Option<Secret<String>>>,
    /// The users of the service who take part, in the order given.
    pub professional_ids: Vec<Id>,
    /// Their names, in the same order; none for API clients.
    pub professional_names: Vec<String>,
    /// Who is expected, counted by kind, in the order of the codes.
    pub participants: Vec<Participants>,
    /// Title; null if there is none, or if the personal data were erased.
    #[schema(value_type = Option<String>)]
    pub title: Option<Secret<String>>,
    /// Free text; null if there is none, or if the personal data were erased.
    #[schema(value_type = Option<String>)]
    pub note: Option<Secret<String>>,
    /// Who cancelled it; null if it is not cancelled.
    pub cancelled_by: Option<AppointmentCanceller>,
    /// Whether those who did not come had said so; null if it was not missed.
    pub excused: Option<bool>,
    /// The interventions that it became. One that is deleted later is not listed.
    pub interventions: Vec<HeldIntervention>,
    /// The work about no case that it became, if it is about none: an intervention. Null otherwise.
    pub work_id: Option<Id>,
    /// Its former times, oldest first.
    pub moves: Vec<FormerTime>,
    /// Other appointments of its professionals at the same time, and professionals who are away that day, in the response of
    /// a call that sets its time or its professionals. They prevent nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<AppointmentWarning>, required = false)]
    pub warnings: Option<Vec<AppointmentWarning>>,
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

impl Named for Appointment {
    fn show_names(&mut self, names: &mut Names) {
        for (case, name) in self.case_ids.iter().zip(&mut self.case_names) {
            names.case(Some(*case), name);
        }
        for moved in &mut self.moves {
            names.author(Some(&moved.author), &mut moved.author_name);
        }
        names.author(Some(&self.author), &mut self.author_name);
    }
}

/// The intervention of a case that an appointment became.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "intervention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c81"
}))]
pub struct HeldIntervention {
    /// The case.
    pub case_id: Id,
    /// Its intervention.
    pub intervention_id: Id,
}

/// A former time of an appointment.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "planned_on": "2026-03-10", "starts_at": "09:30", "minutes": 60,
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple", "moved_at": "2026-03-09T16:30:00.000000Z"
}))]
pub struct FormerTime {
    /// Former day.
    pub planned_on: NaiveDate,
    /// Former time.
    pub starts_at: String,
    /// Former duration in minutes.
    pub minutes: i32,
    /// Who moved it.
    pub author: String,
    /// Their name; null for API clients.
    pub author_name: Option<String>,
    /// When it was moved.
    pub moved_at: UtcTs,
}

/// Something to know about an appointment, which prevents nothing.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "overlap", "user_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "user_name": "Dominique Exemple",
    "appointment_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f11", "absence_id": null, "planned_on": "2026-03-12",
    "starts_at": "10:00", "minutes": 45
}))]
pub struct AppointmentWarning {
    /// What it is: `overlap`, another appointment at the same time; `absence`, the professional is away that day. Accept codes
    /// that you do not know.
    #[schema(value_type = String, max_length = 64)]
    pub code: &'static str,
    /// The professional.
    pub user_id: Id,
    /// Their name; null for API clients.
    pub user_name: Option<String>,
    /// Their other appointment; this one, if they are away.
    pub appointment_id: Id,
    /// Their absence; null for another appointment.
    pub absence_id: Option<Id>,
    /// Day of the appointment.
    pub planned_on: NaiveDate,
    /// Its time.
    pub starts_at: String,
    /// Its duration in minutes.
    pub minutes: i32,
}

impl Named for AppointmentWarning {
    fn show_names(&mut self, names: &mut Names) {
        names.user(Some(self.user_id), &mut self.user_name);
    }
}

crate::resource!(Appointment at "/v1/appointments/");

crate::page! {
    /// A page of appointments.
    AppointmentPage of Appointment
}
