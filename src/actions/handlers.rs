//! The operations of collective actions.

use actix_web::web::Data;

use super::act::{Command, act};
use super::dto::acts::{ActionCancellation, ActionEvaluationInput, ActionHolding};
use super::dto::filter::ActionFilter;
use super::dto::new::{ActionInput, ActionPatch};
use super::dto::{Action, ActionPage};
use super::{ops, plan};
use crate::auth::grants::{ActionsRead, ActionsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Written};
use crate::work::Work;

/// Plan a collective action
///
/// Records a planned action. Whatever its day, it stays planned until it is held or cancelled. A kind that the code
/// list `collective_action_type` marks `reserved_to_convention` is refused if no convention gives access to its
/// complementary service in the commune on that day: `would_cover` lists the local authorities that could sign one.
#[utoipa::path(post, path = "/v1/actions")]
pub(super) async fn create_action(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<ActionInput>,
) -> Result<Written<Created<Action>>, ApiError> {
    once.run(&context, can.call(), move |work| plan::create(work, &can.scope, body.0).map(Created)).await
}

/// List the collective actions
///
/// Returns the actions of the services that the caller can access. By default, latest day first.
#[utoipa::path(get, path = "/v1/actions")]
pub(super) async fn list_actions(
    can: Can<ActionsRead>,
    context: Data<Context>,
    list: List<ActionFilter>,
) -> Result<Listed<ActionPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get a collective action
///
/// Returns an action with its participants, registration, evaluation and available actions.
#[utoipa::path(get, path = "/v1/actions/{id}")]
pub(super) async fn get_action(
    can: Can<ActionsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Action>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Update a collective action
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. A list replaces the previous one. For
/// kinds reserved to conventions, coverage is checked again when the kind, the commune or the day changes. The places
/// and the last day to register can change only while the action is planned; the participants, only once it is held.
#[utoipa::path(
    patch,
    path = "/v1/actions/{id}",
    responses((status = 409, description = "The action is cancelled (reopen it first), or was changed concurrently."))
)]
pub(super) async fn update_action(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ActionPatch>,
) -> Result<Written<Current<Action>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| plan::correct(work, &row, &patch.0).map(Current)).await
}

/// Delete a collective action
///
/// Deletes an action recorded by mistake. An action that has registrations, or that the attendance of a referent refers
/// to, cannot be deleted: cancel it instead.
#[utoipa::path(
    delete,
    path = "/v1/actions/{id}",
    responses((status = 409, description = "The action has registrations, or the attendance of a referent refers to it."))
)]
pub(super) async fn delete_action(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, why.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, delete).await
}

/// Record that an action took place
///
/// Records the participants by type. Without them, the attendance recorded in the registrations is counted. Not allowed
/// before the day of the action. For kinds reserved to conventions, coverage is checked again.
#[utoipa::path(post, path = "/v1/actions/{id}/hold", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn hold_action(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ActionHolding>,
) -> Result<Written<Current<Action>>, ApiError> {
    apply(can, &context, id.0, change, Command::Hold(body.0)).await
}

/// Cancel a collective action
///
/// Records that the action does not take place, with a reason. Its registrations are cancelled too.
#[utoipa::path(post, path = "/v1/actions/{id}/cancel", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn cancel_action(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ActionCancellation>,
) -> Result<Written<Current<Action>>, ApiError> {
    apply(can, &context, id.0, change, Command::Cancel(body.0)).await
}

/// Reopen a collective action
///
/// Plans again an action that was recorded as held or cancelled by mistake. Its participants and evaluation are kept,
/// and count once it is held again. Registrations keep their state: cancelled ones stay cancelled.
#[utoipa::path(post, path = "/v1/actions/{id}/reopen", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn reopen_action(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<Action>>, ApiError> {
    apply(can, &context, id.0, change, Command::Reopen).await
}

/// Evaluate a collective action
///
/// Records the number of people who gave each rating, and a note. It replaces the previous evaluation. The mean is
/// returned if there are at least five answers.
#[utoipa::path(post, path = "/v1/actions/{id}/evaluate", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn evaluate_action(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ActionEvaluationInput>,
) -> Result<Written<Current<Action>>, ApiError> {
    apply(can, &context, id.0, change, Command::Evaluate(body.0)).await
}

async fn apply(
    can: Can<ActionsWrite>,
    context: &Context,
    id: Id,
    change: Conditional,
    command: Command,
) -> Result<Written<Current<Action>>, ApiError> {
    change.on(context, can, id, ops::find_to_act, move |work, row| act(work, &row, command).map(Current)).await
}
