//! The operations of appointments.

use actix_web::web::Data;

use super::dto::acts::{AppointmentCancellation, AppointmentHolding, AppointmentMiss, AppointmentMove};
use super::dto::filter::AppointmentFilter;
use super::dto::new::{AppointmentInput, AppointmentPatch};
use super::dto::{Appointment, AppointmentPage};
use super::ops::{self, Command};
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Written};
use crate::work::Work;

/// Plan an appointment
///
/// Records a planned appointment about one case, several, or none. The cases must be open. Around school, only a bridge
/// is in scope, as for interventions (`school_time_not_covered`, `school_staff_not_covered`); a type that contacts a
/// partner about a child requires the family's agreement (`family_agreement_missing`). The child is expected from its birth on
/// (`before_birth`). `warnings` lists the other
/// appointments of its professionals at the same time, and those who are away that day: they prevent nothing.
#[utoipa::path(post, path = "/v1/appointments")]
pub(super) async fn create_appointment(
    can: Can<CasesWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<AppointmentInput>,
) -> Result<Written<Created<Appointment>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, body.0).map(Created)).await
}

/// List the appointments
///
/// Returns the appointments of the services that the caller can access. By default, latest day first. Appointments are
/// not interventions: one that was held became interventions of its cases, which figures count.
#[utoipa::path(get, path = "/v1/appointments")]
pub(super) async fn list_appointments(
    can: Can<CasesRead>,
    context: Data<Context>,
    list: List<AppointmentFilter>,
) -> Result<Listed<AppointmentPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get an appointment
///
/// Returns an appointment with its cases, professionals, participants, former times and available actions.
#[utoipa::path(get, path = "/v1/appointments/{id}")]
pub(super) async fn get_appointment(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Appointment>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Update an appointment
///
/// Corrects an appointment that is planned or confirmed, under the rules of a new one. A merge patch (RFC 7396): an absent
/// field keeps its value, null removes it, and a list replaces the previous one. `POST …/move` changes the day and the
/// time.
#[utoipa::path(
    patch,
    path = "/v1/appointments/{id}",
    responses((status = 409, description = "What became of it is recorded (reopen it first), or it was changed concurrently."))
)]
pub(super) async fn update_appointment(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<AppointmentPatch>,
) -> Result<Written<Current<Appointment>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Delete an appointment
///
/// Deletes an appointment recorded by mistake. Cancel one that does not take place. One that was held can be deleted once
/// the interventions that it became are deleted.
#[utoipa::path(
    delete,
    path = "/v1/appointments/{id}",
    responses((status = 409, description = "It became interventions: see `intervention_ids`."))
)]
pub(super) async fn delete_appointment(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, why.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, delete).await
}

/// Confirm an appointment
///
/// Records that those who are expected have confirmed it.
#[utoipa::path(post, path = "/v1/appointments/{id}/confirm", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn confirm_appointment(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<Appointment>>, ApiError> {
    apply(can, &context, id.0, change, Command::Confirm).await
}

/// Record that an appointment took place
///
/// Creates the intervention of each case in the same call, with the type, the day, the place and the organisation of the
/// appointment. Several cases share the minutes, the travel time and the participants equally, and the first ones get what
/// is left over: 50 minutes about three cases are 17, 17 and 16. So totals count the work once. Each intervention is
/// subject to the rules of `POST /v1/cases/{id}/interventions`; if one is refused, nothing is recorded and `case_id` names
/// the case. Without a case it becomes work about no case (`work_id`), or is refused if
/// its type needs one (422 `case_required`). Not allowed before its day.
#[utoipa::path(post, path = "/v1/appointments/{id}/hold", responses((status = 409, description = "Not allowed in this state, or a case is closed (`case_id`): see `state` and `available_actions`.")))]
pub(super) async fn hold_appointment(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<AppointmentHolding>,
) -> Result<Written<Current<Appointment>>, ApiError> {
    apply(can, &context, id.0, change, Command::Hold(body.0)).await
}

/// Cancel an appointment
///
/// Records who cancelled it. It becomes no intervention.
#[utoipa::path(post, path = "/v1/appointments/{id}/cancel", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn cancel_appointment(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<AppointmentCancellation>,
) -> Result<Written<Current<Appointment>>, ApiError> {
    apply(can, &context, id.0, change, Command::Cancel(body.0)).await
}

/// Record a missed appointment
///
/// Records that those who were expected did not come, and whether they had said so. It becomes no intervention. Not allowed
/// before its day.
#[utoipa::path(post, path = "/v1/appointments/{id}/miss", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn miss_appointment(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<AppointmentMiss>,
) -> Result<Written<Current<Appointment>>, ApiError> {
    apply(can, &context, id.0, change, Command::Miss(body.0)).await
}

/// Move an appointment
///
/// Gives it another day, time or duration. `moves` keeps the former ones. It is then planned, and must be confirmed again. About a
/// closed case it is not moved to a day after the closing (`after_closing`).
#[utoipa::path(post, path = "/v1/appointments/{id}/move", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn move_appointment(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<AppointmentMove>,
) -> Result<Written<Current<Appointment>>, ApiError> {
    apply(can, &context, id.0, change, Command::Move(body.0)).await
}

/// Reopen an appointment
///
/// Plans again an appointment whose end was recorded by mistake. One that was held can be reopened once the interventions
/// that it became are deleted. One about a closed case can be reopened if it was before the closing, for as long as the case takes
/// late work.
#[utoipa::path(post, path = "/v1/appointments/{id}/reopen", responses((status = 409, description = "Not allowed in this state (see `state`), it became interventions (see `intervention_ids`), or a case is closed (see `case_id`).")))]
pub(super) async fn reopen_appointment(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<Appointment>>, ApiError> {
    apply(can, &context, id.0, change, Command::Reopen).await
}

async fn apply(
    can: Can<CasesWrite>,
    context: &Context,
    id: Id,
    change: Conditional,
    command: Command,
) -> Result<Written<Current<Appointment>>, ApiError> {
    change.on(context, can, id, ops::find, move |work, row| ops::act(work, &row, command).map(Current)).await
}
