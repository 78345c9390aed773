//! The agenda in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, text_enum};
use crate::nomenclatures::codes::InterventionPlace;
use crate::privacy::Secret;

text_enum! {
    /// Whose agenda.
    pub enum AgendaScope {
        /// The appointments in which the caller takes part; the follow-ups, the procedures, the planned placements and the
        /// reviews of placements of the cases of whose team they are, and those of the cases without a team; their absences.
        Mine = "mine",
        /// Everything of the services.
        Service = "service",
    }
}

text_enum! {
    /// Kind of an entry of the agenda.
    pub enum AgendaKind {
        /// An appointment.
        Appointment = "appointment",
        /// The next follow-up of an open case.
        FollowUp = "follow_up",
        /// The planned resumption of a suspended case.
        Resumption = "resumption",
        /// A procedure of an open case about which something is to be done: its next date.
        Procedure = "procedure",
        /// What a procedure of an open case granted expires.
        ProcedureExpiry = "procedure_expiry",
        /// The day on which a planned childcare place starts, until somebody confirms that the child came.
        PlacementStart = "placement_start",
        /// The day on which the service asks whether a child is still in a childcare place.
        PlacementReview = "placement_review",
        /// A collective action. With `actions:read`.
        Action = "action",
        /// The day on which a kit is due. With `reservations:read`.
        KitReturn = "kit_return",
        /// A child with an open case reaches the upper age of the service. With `households:read`.
        AgeLimit = "age_limit",
        /// A convention ends and is not renewed. With `conventions:read`.
        ConventionEnd = "convention_end",
        /// A professional is away, until `until`. One that began before the period is listed on its first day.
        Absence = "absence",
    }
}

/// Filters of the agenda; all of them apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct AgendaFilter {
    /// Only this service. By default, every service that the caller can access.
    pub service_id: Option<Id>,
    /// Whose agenda. Default: `service`.
    pub scope: Option<AgendaScope>,
    /// Only what is this colleague's: their appointments and absences, and what is due of the cases of whose team they are.
    /// Whoever stands in for them finds here what to do. Not with `scope=mine`.
    pub professional_id: Option<Id>,
    /// One or more kinds, comma-separated. Default: all that the caller may read.
    #[param(style = Form, explode = false, example = json!(["appointment", "follow_up"]))]
    pub kind: Option<Vec<AgendaKind>>,
    /// First day. Default: today in the service.
    pub from: Option<NaiveDate>,
    /// Last day, included: not before the first, and at most 62 days in all. Default: six days after the first.
    pub to: Option<NaiveDate>,
}

/// An entry of the agenda.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "kind": "appointment", "on": "2026-03-12", "until": null, "starts_at": "09:30", "minutes": 60, "overdue": false,
    "title": "Entretien avec la famille", "status": "planned", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "object_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f10", "path": "/v1/appointments/0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f10",
    "place": "family_home", "commune_code": null, "commune_name": null, "organisation_id": null,
    "organisation_name": null,
    "cases": [{
        "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "child_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c72",
        "child_name": "Zoé Exemple"
    }],
    "professional_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10"], "professional_names": ["Dominique Exemple"]
}))]
pub struct AgendaEntry {
    /// Kind.
    pub kind: AgendaKind,
    /// Day: of the appointment, follow-up, action, return, birthday or end; first day of an absence.
    pub on: NaiveDate,
    /// Last day of an absence; null for the other kinds.
    pub until: Option<NaiveDate>,
    /// Time, in the local time of the service; null for the whole day.
    pub starts_at: Option<String>,
    /// Duration in minutes, if it has one.
    pub minutes: Option<i32>,
    /// Whether its day is past and nobody has said what became of it.
    pub overdue: bool,
    /// What it is, in the language of the request: the label of a code, or the title of an action or a kit. It names no
    /// child.
    pub title: String,
    /// State of the appointment or the action; null for the other kinds.
    #[schema(value_type = Option<String>, max_length = 64)]
    pub status: Option<&'static str>,
    /// The service.
    pub service_id: Id,
    /// The appointment, case, procedure, placement, review of a placement, action, reservation, convention or absence.
    pub object_id: Id,
    /// Its path.
    pub path: String,
    /// Type of place, of an appointment or an action.
    pub place: Option<InterventionPlace>,
    /// INSEE code of the commune of the case or the action.
    #[schema(max_length = 5)]
    pub commune_code: Option<String>,
    /// Name of the commune.
    pub commune_name: Option<String>,
    /// The organisation concerned: of an appointment, a procedure or a placement, of the case of a structure, or the borrower
    /// of a kit.
    pub organisation_id: Option<Id>,
    /// Its name; null for API clients. For a convention, the name of the local authority.
    pub organisation_name: Option<String>,
    /// The cases concerned.
    pub cases: Vec<AgendaCase>,
    /// The users who take part in an appointment, or who are away.
    pub professional_ids: Vec<Id>,
    /// Their names, in the same order; none for API clients.
    pub professional_names: Vec<String>,
}

/// A case of an entry of the agenda.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "child_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c72",
    "child_name": "Zoé Exemple"
}))]
pub struct AgendaCase {
    /// The case.
    pub case_id: Id,
    /// The child; null for a structure.
    pub child_id: Option<Id>,
    /// Name of the child; null for a structure, without `households:read`, and after an erasure.
    #[schema(value_type = Option<String>)]
    pub child_name: Option<Secret<String>>,
}

crate::page! {
    /// A page of the agenda.
    AgendaPage of AgendaEntry
}
