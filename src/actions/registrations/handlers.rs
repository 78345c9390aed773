//! The operations of registrations.

use actix_web::web::Data;

use super::dto::{
    ActionAttendance, ActionRegistration, ActionRegistrationFilter, ActionRegistrationInput, ActionRegistrationPage,
    ActionRegistrationPatch,
};
use super::ops;
use crate::actions::ops as actions;
use crate::auth::grants::{ActionsRead, ActionsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Conditional, Created, Current, Once, Patch, Path, Written};

/// Register for an action
///
/// Confirms the registration if enough seats are free for everyone in it; otherwise queues it. A registration is never
/// split. Refused if the action takes no registrations, or if the last day to register is over.
#[utoipa::path(
    post,
    path = "/v1/actions/{id}/registrations",
    responses((status = 409, description = "The action is no longer planned: see `state`."))
)]
pub(super) async fn create_action_registration(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<ActionRegistrationInput>,
) -> Result<Written<Created<ActionRegistration>>, ApiError> {
    once.under_object(&context, can, id.0, actions::find, move |work, action| {
        ops::create(work, &action, &body.0).map(Created)
    })
    .await
}

/// List the registrations for an action
///
/// Returns the registrations, cancelled ones included. By default, oldest first. `status=waiting` returns the queue.
#[utoipa::path(get, path = "/v1/actions/{id}/registrations")]
pub(super) async fn list_action_registrations(
    can: Can<ActionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<ActionRegistrationFilter>,
) -> Result<Listed<ActionRegistrationPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, list)).await
}

/// Get a registration
///
/// Returns a registration with its seats, state, position in the queue and available actions.
#[utoipa::path(get, path = "/v1/action-registrations/{id}")]
pub(super) async fn get_action_registration(
    can: Can<ActionsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<ActionRegistration>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Update a registration
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. More seats are granted only if they are
/// free; released seats go to waiting registrations. A waiting registration keeps its position in the queue.
#[utoipa::path(
    patch,
    path = "/v1/action-registrations/{id}",
    responses((status = 409, description = "The registration is cancelled, or was changed concurrently."))
)]
pub(super) async fn update_action_registration(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ActionRegistrationPatch>,
) -> Result<Written<Current<ActionRegistration>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Cancel a registration
///
/// Releases its seats. They go to the waiting registrations that fit, in the order of the queue.
#[utoipa::path(post, path = "/v1/action-registrations/{id}/cancel", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn cancel_action_registration(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<ActionRegistration>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::cancel(work, &row).map(Current)).await
}

/// Record attendance
///
/// Records how many seats of a registration were used, from the day of the action. The registration becomes `attended`
/// if at least one person came, `absent` otherwise. It can be recorded again. The participants of an action that is
/// already held do not change: correct them separately.
#[utoipa::path(post, path = "/v1/action-registrations/{id}/attendance", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn note_action_attendance(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ActionAttendance>,
) -> Result<Written<Current<ActionRegistration>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::attend(work, &row, &body.0).map(Current)).await
}
