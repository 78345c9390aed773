//! The operations of collective actions.

use actix_web::web::Data;

use super::act::{Command, act};
use super::dto::acts::{ActionCancellation, ActionHolding, NewActionEvaluation};
use super::dto::filter::ActionFilter;
use super::dto::new::{ActionPatch, NewAction};
use super::dto::{Action, ActionPage};
use super::{ops, plan};
use crate::auth::grants::{ActionsRead, ActionsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::page::{List, Listed};
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Written};
use crate::work::Work;

/// Plan a collective action
///
/// It is planned, whatever its day, until it is held or cancelled. A kind that the list `collective_action_type` marks
/// `reserved_to_convention` is refused where no convention opens its complementary service on that day: `would_cover` names
/// the collectivities that could sign one.
#[utoipa::path(post, path = "/v1/actions")]
pub(super) async fn create_action(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<NewAction>,
) -> Result<Written<Created<Action>>, ApiError> {
    once.run(&context, can.call(), move |work| plan::create(work, &can.scope, body.0).map(Created)).await
}

/// List the collective actions
///
/// The actions of the services that the token may see, the latest first.
#[utoipa::path(get, path = "/v1/actions")]
pub(super) async fn list_actions(
    can: Can<ActionsRead>,
    context: Data<Context>,
    list: List<ActionFilter>,
) -> Result<Listed<ActionPage>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, &list)).await.map(Listed)
}

/// Get a collective action
///
/// One action: who came, where registration stands, what was thought of it, what can be done with it now.
#[utoipa::path(get, path = "/v1/actions/{id}")]
pub(super) async fn get_action(
    can: Can<ActionsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Action>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Correct a collective action
///
/// A merge patch: what is absent stays, null removes, lists replace what there was. Of a reserved kind, another kind, commune
/// or day is held to the conventions again. Places and the last day to register change while it is planned; who came, once
/// it is held.
#[utoipa::path(
    patch,
    path = "/v1/actions/{id}",
    responses((status = 409, description = "The action is cancelled: reopen it first. Or someone else has just changed it."))
)]
pub(super) async fn update_action(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ActionPatch>,
) -> Result<Written<Current<Action>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| plan::correct(work, &row, &patch.0).map(Current)).await
}

/// Delete a collective action
///
/// It never was. One that somebody registered for, or that the attendances of referents name, stays: cancel it.
#[utoipa::path(
    delete,
    path = "/v1/actions/{id}",
    responses((status = 409, description = "Somebody registered for the action, or a referent's attendance names it."))
)]
pub(super) async fn delete_action(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, why.0.reason).map(|()| NoContent);
    change.run(&context, call, find, delete).await
}

/// Record that an action took place
///
/// With who came, counted by kind; without, the seats of the registrations whose attendance is noted are counted. Not
/// before its day. A reserved kind is held to the conventions once more.
#[utoipa::path(post, path = "/v1/actions/{id}/hold", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn hold_action(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ActionHolding>,
) -> Result<Written<Current<Action>>, ApiError> {
    decide(can, &context, id.0, change, Command::Hold(body.0)).await
}

/// Cancel a collective action
///
/// It does not take place, for a reason. The registrations for it are cancelled too.
#[utoipa::path(post, path = "/v1/actions/{id}/cancel", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn cancel_action(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ActionCancellation>,
) -> Result<Written<Current<Action>>, ApiError> {
    decide(can, &context, id.0, change, Command::Cancel(body.0)).await
}

/// Reopen a collective action
///
/// It was held or cancelled by mistake: it is planned again. Who came and what was thought of it stay as they were said, and
/// count once it is held again; registrations keep the state that they are in, cancelled ones included.
#[utoipa::path(post, path = "/v1/actions/{id}/reopen", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn reopen_action(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<Action>>, ApiError> {
    decide(can, &context, id.0, change, Command::Reopen).await
}

/// Evaluate a collective action
///
/// How many of those who answered gave each rating, and a note, in the place of what was said before. The mean is shown from
/// five answers on.
#[utoipa::path(post, path = "/v1/actions/{id}/evaluate", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn evaluate_action(
    can: Can<ActionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<NewActionEvaluation>,
) -> Result<Written<Current<Action>>, ApiError> {
    decide(can, &context, id.0, change, Command::Evaluate(body.0)).await
}

async fn decide(
    can: Can<ActionsWrite>,
    context: &Context,
    id: Id,
    change: Conditional,
    command: Command,
) -> Result<Written<Current<Action>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id);
    change.run(context, call, find, move |work, row| act(work, &row, command).map(Current)).await
}
