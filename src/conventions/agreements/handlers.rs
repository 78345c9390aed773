//! The operations of conventions.

use actix_web::web::Data;

use super::act::{Decision, decide};
use super::dto::actions::{
    ConventionAmendment, ConventionEventPage, ConventionProposal, ConventionRefusal, ConventionSignature,
    ConventionTermination, NewSuspension, SuspensionEnd,
};
use super::dto::filter::{ConventionFilter, ExpiringFilter};
use super::dto::new::{ConventionPatch, NewConvention};
use super::dto::{Convention, ConventionPage};
use super::ops;
use crate::auth::grants::{ConventionsRead, ConventionsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::page::{List, Listed, NoFilter};
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Written};
use crate::work::Work;

/// Record a convention
///
/// With an EPCI or a commune, as a draft. A collectivity has one convention a calendar year with a service: each year that
/// the period touches is taken until the convention is declined. What it costs is computed next, with
/// `POST /v1/conventions/{id}/contributions`.
#[utoipa::path(
    post,
    path = "/v1/conventions",
    responses((status = 409, description = "The collectivity has a convention for one of the years (`existing_id`), or the convention is renewed already."))
)]
pub(super) async fn create_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<NewConvention>,
) -> Result<Written<Created<Convention>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// List the conventions
///
/// The conventions of the services that the token may see, the last to begin first. `standing` tells what is active or
/// expired today; `on` keeps those whose period holds a day.
#[utoipa::path(get, path = "/v1/conventions")]
pub(super) async fn list_conventions(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    list: List<ConventionFilter>,
) -> Result<Listed<ConventionPage>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, &list)).await.map(Listed)
}

/// Get a convention
///
/// One convention with its terms, its amendments, who signs, and what can be done with it now.
#[utoipa::path(get, path = "/v1/conventions/{id}")]
pub(super) async fn get_convention(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Convention>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Correct a convention
///
/// A merge patch: what is absent stays, null removes. The period and the services are corrected until it is signed; an
/// amendment changes them after.
#[utoipa::path(
    patch,
    path = "/v1/conventions/{id}",
    responses((status = 409, description = "The collectivity has a convention for one of the years, a contribution was computed from the period, or someone else has just changed it."))
)]
pub(super) async fn update_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ConventionPatch>,
) -> Result<Written<Current<Convention>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Delete a draft of a convention
///
/// For one that should not have been recorded. What was proposed is declined instead, and stays.
#[utoipa::path(
    delete,
    path = "/v1/conventions/{id}",
    responses((status = 409, description = "The convention is no draft any more, has a contribution, or is renewed."))
)]
pub(super) async fn delete_convention(
    can: Can<ConventionsWrite>,
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

/// Propose a convention
///
/// Records the day on which it was sent to the collectivity.
#[utoipa::path(post, path = "/v1/conventions/{id}/propose", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn propose_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ConventionProposal>,
) -> Result<Written<Current<Convention>>, ApiError> {
    decided(can, &context, id.0, change, Decision::Propose(body.0)).await
}

/// Sign a convention
///
/// Records the day on which the last party signed. The terms and the contributions are frozen: what is due is not computed
/// again, whatever becomes of the populations. The convention covers its whole period, days before the signature included.
#[utoipa::path(post, path = "/v1/conventions/{id}/sign", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn sign_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ConventionSignature>,
) -> Result<Written<Current<Convention>>, ApiError> {
    decided(can, &context, id.0, change, Decision::Sign(body.0)).await
}

/// Decline a convention
///
/// Records that the collectivity refuses it, or that it is given up. Its years are free for another one.
#[utoipa::path(post, path = "/v1/conventions/{id}/decline", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn decline_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ConventionRefusal>,
) -> Result<Written<Current<Convention>>, ApiError> {
    decided(can, &context, id.0, change, Decision::Decline(body.0)).await
}

/// Suspend a convention
///
/// From a day on it covers nobody, until it is resumed. What is due stays due.
#[utoipa::path(post, path = "/v1/conventions/{id}/suspend", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn suspend_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<NewSuspension>,
) -> Result<Written<Current<Convention>>, ApiError> {
    decided(can, &context, id.0, change, Decision::Suspend(body.0)).await
}

/// Resume a convention
///
/// Ends its suspension: it has effect again from a day on. On the first day of the suspension, it never was suspended.
#[utoipa::path(post, path = "/v1/conventions/{id}/resume", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn resume_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<SuspensionEnd>,
) -> Result<Written<Current<Convention>>, ApiError> {
    decided(can, &context, id.0, change, Decision::Resume(body.0)).await
}

/// Terminate a convention
///
/// Ends it before its end, on a day that may be to come: until then it stands as before. What is due stays due until it is
/// waived; the years after its last day are free for another convention.
#[utoipa::path(post, path = "/v1/conventions/{id}/terminate", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn terminate_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ConventionTermination>,
) -> Result<Written<Current<Convention>>, ApiError> {
    decided(can, &context, id.0, change, Decision::Terminate(body.0)).await
}

/// Amend a convention
///
/// Other terms from a day on: another end, other services or quotas. The terms before stay as they were signed.
#[utoipa::path(post, path = "/v1/conventions/{id}/amend", responses((status = 409, description = "Out of turn (see `state` and `available_actions`), or the collectivity has another convention for one of the years.")))]
pub(super) async fn amend_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ConventionAmendment>,
) -> Result<Written<Current<Convention>>, ApiError> {
    decided(can, &context, id.0, change, Decision::Amend(body.0)).await
}

async fn decided(
    can: Can<ConventionsWrite>,
    context: &Context,
    id: Id,
    change: Conditional,
    decision: Decision,
) -> Result<Written<Current<Convention>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id);
    change.run(context, call, find, move |work, row| decide(work, &row, decision).map(Current)).await
}

/// List what was decided about a convention
///
/// Proposed, signed, declined, suspended, resumed, terminated, amended: by whom, when, why, oldest first. Nothing in it ever
/// changes.
#[utoipa::path(get, path = "/v1/conventions/{id}/history")]
pub(super) async fn list_convention_history(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<ConventionEventPage>, ApiError> {
    context.read(can.call(), move |work| ops::history(work, &can.scope, id.0, &list.page)).await.map(Listed)
}

/// List the conventions that are about to end
///
/// Signed conventions of a service that end within 90 days, or as many as said, and that no other convention renews: whom to
/// write to.
#[utoipa::path(get, path = "/v1/services/{id}/expiring-conventions")]
pub(super) async fn list_expiring_conventions(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<ExpiringFilter>,
) -> Result<Listed<ConventionPage>, ApiError> {
    context.read(can.call(), move |work| ops::expiring(work, &can.scope, id.0, &list)).await.map(Listed)
}
