//! The operations of registrations.

use actix_web::web::Data;

use super::dto::{
    ActionAttendance, ActionRegistration, ActionRegistrationFilter, ActionRegistrationPage, ActionRegistrationPatch,
    NewActionRegistration,
};
use super::ops;
use crate::actions::ops as actions;
use crate::auth::grants::{ActionsRead, ActionsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::page::{List, Listed};
use crate::http::{Body, Conditional, Created, Current, Once, Patch, Path, Written};
use crate::work::Work;

/// Register for an action
///
/// Registered when all of its seats are free, in the queue otherwise: a registration is never split. Refused when the action
/// takes no registrations, or the last day to register is over.
#[utoipa::path(
    post,
    path = "/v1/actions/{id}/registrations",
    responses((status = 409, description = "The action is not planned any more: see `state`."))
)]
pub(super) async fn create_action_registration(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<NewActionRegistration>,
) -> Result<Written<Created<ActionRegistration>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| actions::find(work, &can.scope, id.0);
    once.under(&context, call, find, move |work, action| ops::create(work, &action, &body.0).map(Created)).await
}

/// List the registrations for an action
///
/// In the order of asking, cancelled ones included. `status=waiting` is the queue.
#[utoipa::path(get, path = "/v1/actions/{id}/registrations")]
pub(super) async fn list_action_registrations(
    can: Can<ActionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<ActionRegistrationFilter>,
) -> Result<Listed<ActionRegistrationPage>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, id.0, &list)).await.map(Listed)
}

/// Get a registration
///
/// One registration: its seats, where it stands, its place in the queue, what can be done with it now.
#[utoipa::path(get, path = "/v1/action-registrations/{id}")]
pub(super) async fn get_action_registration(
    can: Can<ActionsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<ActionRegistration>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Correct a registration
///
/// A merge patch: what is absent stays, null removes. More seats are given when they are free; seats that are given back go
/// to those who wait. It keeps its place in the queue.
#[utoipa::path(
    patch,
    path = "/v1/action-registrations/{id}",
    responses((status = 409, description = "The registration is cancelled, or someone else has just changed it."))
)]
pub(super) async fn update_action_registration(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ActionRegistrationPatch>,
) -> Result<Written<Current<ActionRegistration>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Cancel a registration
///
/// Its seats go to those who wait: in the order of asking, each for whom they suffice.
#[utoipa::path(post, path = "/v1/action-registrations/{id}/cancel", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn cancel_action_registration(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<ActionRegistration>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::cancel(work, &row).map(Current)).await
}

/// Note who came
///
/// How many seats of a registration were taken, from the day of the action on; `attended` when somebody came, `absent` when
/// nobody did. It may be noted again. Participants of an action that is held already are corrected apart.
#[utoipa::path(post, path = "/v1/action-registrations/{id}/attendance", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn note_action_attendance(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ActionAttendance>,
) -> Result<Written<Current<ActionRegistration>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::attend(work, &row, &body.0).map(Current)).await
}
