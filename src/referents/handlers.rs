//! The operations of referents.

use actix_web::web::Data;

use super::act::{Command, act};
use super::dto::filter::ReferentFilter;
use super::dto::new::{CharterSignature, NewReferent, ReferentDeparture, ReferentPatch};
use super::dto::{Referent, ReferentPage};
use super::ops;
use crate::auth::grants::{ReferentsRead, ReferentsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::page::{List, Listed};
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Written};
use crate::work::Work;

/// Record a referent
///
/// A professional of a structure of the directory enters the network. Who they are is sealed under a key of their own.
#[utoipa::path(post, path = "/v1/referents")]
pub(super) async fn create_referent(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<NewReferent>,
) -> Result<Written<Created<Referent>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// List the referents
///
/// The networks of the services that the token may see, the last appointed first. `standing` keeps those who stand so today.
#[utoipa::path(get, path = "/v1/referents")]
pub(super) async fn list_referents(
    can: Can<ReferentsRead>,
    context: Data<Context>,
    list: List<ReferentFilter>,
) -> Result<Listed<ReferentPage>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, &list)).await.map(Listed)
}

/// Get a referent
///
/// One referent: where they stand today, why, and what the calendar alone will change.
#[utoipa::path(get, path = "/v1/referents/{id}")]
pub(super) async fn get_referent(
    can: Can<ReferentsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Referent>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Correct a referent
///
/// A merge patch of the structure, the identity and the first day: what is absent stays, null removes.
#[utoipa::path(patch, path = "/v1/referents/{id}")]
pub(super) async fn update_referent(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ReferentPatch>,
) -> Result<Written<Current<Referent>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Delete a referent
///
/// They should never have been recorded. Whoever attended something leaves the network instead (409).
#[utoipa::path(
    delete,
    path = "/v1/referents/{id}",
    responses((status = 409, description = "The referent attended something, or somebody else has changed it at the same time."))
)]
pub(super) async fn delete_referent(
    can: Can<ReferentsWrite>,
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

/// Sign the charter
///
/// Records who signed which version of the charter and when: the referent, the structure, the service, at once or one by one.
/// No signature is before the appointment. Signatures of the present version are added or corrected; another version begins
/// anew: those of the former one go, and the certification is of the day on which all three have signed the new one.
#[utoipa::path(post, path = "/v1/referents/{id}/sign", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn sign_referent_charter(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<CharterSignature>,
) -> Result<Written<Current<Referent>>, ApiError> {
    decide(can, &context, id.0, change, Command::Sign(body.0)).await
}

/// Record that a referent leaves
///
/// With the last day and why. From the day after, they have left; what they attended until then can still be recorded.
#[utoipa::path(post, path = "/v1/referents/{id}/leave", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn leave_referent_network(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ReferentDeparture>,
) -> Result<Written<Current<Referent>>, ApiError> {
    decide(can, &context, id.0, change, Command::Leave(body.0)).await
}

/// Take back that a referent left
///
/// They are in the network as if they had never left: what was attended and signed counts.
#[utoipa::path(post, path = "/v1/referents/{id}/return", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn return_to_referent_network(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<Referent>>, ApiError> {
    decide(can, &context, id.0, change, Command::Return).await
}

async fn decide(
    can: Can<ReferentsWrite>,
    context: &Context,
    id: Id,
    change: Conditional,
    command: Command,
) -> Result<Written<Current<Referent>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id);
    change.run(context, call, find, move |work, row| act(work, &row, command).map(Current)).await
}
