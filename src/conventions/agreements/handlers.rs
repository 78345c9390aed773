//! The operations of conventions.

use actix_web::web::Data;

use super::act::{Decision, decide};
use super::dto::actions::{
    ConventionAmendment, ConventionEventPage, ConventionProposal, ConventionRefusal, ConventionSignature,
    ConventionTermination, SuspensionEnd, SuspensionInput,
};
use super::dto::filter::{ConventionFilter, ExpiringFilter};
use super::dto::new::{ConventionInput, ConventionPatch};
use super::dto::{Convention, ConventionPage};
use super::ops;
use crate::auth::grants::{ConventionsRead, ConventionsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Written};
use crate::work::Work;

/// Record a convention
///
/// Records a draft of a convention with an EPCI or a commune. A local authority has at most one convention with a
/// service per calendar year: the convention occupies every year that its period overlaps, until it is declined. The
/// next step is to compute its contributions with `POST /v1/conventions/{id}/contributions`.
#[utoipa::path(
    post,
    path = "/v1/conventions",
    responses((status = 409, description = "The local authority already has a convention for one of the years (`existing_id`), or the convention given in `renews_id` is already renewed."))
)]
pub(super) async fn create_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<ConventionInput>,
) -> Result<Written<Created<Convention>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// List the conventions
///
/// Returns the conventions of the services that the caller can access. By default, latest start date first. Use
/// `standing` to get those that are active or expired today, and `on` to get those whose period includes a day.
#[utoipa::path(get, path = "/v1/conventions")]
pub(super) async fn list_conventions(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    list: List<ConventionFilter>,
) -> Result<Listed<ConventionPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get a convention
///
/// Returns a convention with its terms, amendments, signatories and available actions.
#[utoipa::path(get, path = "/v1/conventions/{id}")]
pub(super) async fn get_convention(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Convention>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Update a convention
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. The period and the services can be
/// updated until the signature. After it, only an amendment changes them.
#[utoipa::path(
    patch,
    path = "/v1/conventions/{id}",
    responses((status = 409, description = "The local authority already has a convention for one of the years, a contribution was computed from the period, or the convention was changed concurrently."))
)]
pub(super) async fn update_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ConventionPatch>,
) -> Result<Written<Current<Convention>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Delete a draft convention
///
/// Deletes a draft recorded by mistake. Once proposed, a convention can only be declined, and is kept.
#[utoipa::path(
    delete,
    path = "/v1/conventions/{id}",
    responses((status = 409, description = "The convention is no longer a draft, has a contribution, or is renewed by another convention."))
)]
pub(super) async fn delete_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, why.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, delete).await
}

/// Propose a convention
///
/// Records the date on which it was sent to the local authority.
#[utoipa::path(post, path = "/v1/conventions/{id}/propose", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn propose_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ConventionProposal>,
) -> Result<Written<Current<Convention>>, ApiError> {
    apply(can, &context, id.0, change, Decision::Propose(body.0)).await
}

/// Sign a convention
///
/// Records the date on which the last party signed. The terms and the contributions are frozen: the amounts due are
/// never recomputed, even when populations change. The convention covers its whole period, including days before the
/// signature.
#[utoipa::path(post, path = "/v1/conventions/{id}/sign", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn sign_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ConventionSignature>,
) -> Result<Written<Current<Convention>>, ApiError> {
    apply(can, &context, id.0, change, Decision::Sign(body.0)).await
}

/// Decline a convention
///
/// Records that the local authority refuses it, or that it is abandoned. Its years become available for another
/// convention.
#[utoipa::path(post, path = "/v1/conventions/{id}/decline", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn decline_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ConventionRefusal>,
) -> Result<Written<Current<Convention>>, ApiError> {
    apply(can, &context, id.0, change, Decision::Decline(body.0)).await
}

/// Suspend a convention
///
/// From the given day until it is resumed, the convention covers no commune. The amounts due do not change.
#[utoipa::path(post, path = "/v1/conventions/{id}/suspend", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn suspend_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<SuspensionInput>,
) -> Result<Written<Current<Convention>>, ApiError> {
    apply(can, &context, id.0, change, Decision::Suspend(body.0)).await
}

/// Resume a convention
///
/// Ends the suspension: the convention is in effect again from the given day. If that is the first day of the
/// suspension, the suspension is deleted.
#[utoipa::path(post, path = "/v1/conventions/{id}/resume", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn resume_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<SuspensionEnd>,
) -> Result<Written<Current<Convention>>, ApiError> {
    apply(can, &context, id.0, change, Decision::Resume(body.0)).await
}

/// Terminate a convention
///
/// Ends it early. Its last day may be in the future: until then nothing changes. Amounts due remain due until they are
/// waived. The years after the last day become available for another convention.
#[utoipa::path(post, path = "/v1/conventions/{id}/terminate", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn terminate_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ConventionTermination>,
) -> Result<Written<Current<Convention>>, ApiError> {
    apply(can, &context, id.0, change, Decision::Terminate(body.0)).await
}

/// Amend a convention
///
/// Adds new terms from a given day: another end date, other services or other quotas. Earlier terms stay as they were
/// signed.
#[utoipa::path(post, path = "/v1/conventions/{id}/amend", responses((status = 409, description = "Not allowed in this state (see `state` and `available_actions`), or the local authority has another convention for one of the years.")))]
pub(super) async fn amend_convention(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ConventionAmendment>,
) -> Result<Written<Current<Convention>>, ApiError> {
    apply(can, &context, id.0, change, Decision::Amend(body.0)).await
}

async fn apply(
    can: Can<ConventionsWrite>,
    context: &Context,
    id: Id,
    change: Conditional,
    decision: Decision,
) -> Result<Written<Current<Convention>>, ApiError> {
    change.on(context, can, id, ops::find, move |work, row| decide(work, &row, decision).map(Current)).await
}

/// List the history of a convention
///
/// Returns every decision (proposed, signed, declined, suspended, resumed, terminated, amended) with its author, date
/// and reason, oldest first. Recorded events never change.
#[utoipa::path(get, path = "/v1/conventions/{id}/history")]
pub(super) async fn list_convention_history(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<ConventionEventPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::history(work, &can.scope, id.0, &list.page)).await
}

/// List the conventions that end soon
///
/// Returns the signed conventions of a service that end within `days` days (90 by default) and that no other convention
/// renews: the local authorities to contact.
#[utoipa::path(get, path = "/v1/services/{id}/expiring-conventions")]
pub(super) async fn list_expiring_conventions(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<ExpiringFilter>,
) -> Result<Listed<ConventionPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::expiring(work, &can.scope, id.0, list)).await
}
