//! The operations of referents.

use actix_web::web::Data;

use super::act::{Command, act};
use super::dto::filter::ReferentFilter;
use super::dto::new::{CharterSignature, ReferentDeparture, ReferentInput, ReferentPatch};
use super::dto::{Referent, ReferentPage};
use super::ops;
use crate::auth::grants::{ReferentsRead, ReferentsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Written};
use crate::work::Work;

/// Record a referent
///
/// A professional of a structure of the directory joins the network. Their identity is encrypted with its own key.
#[utoipa::path(post, path = "/v1/referents")]
pub(super) async fn create_referent(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<ReferentInput>,
) -> Result<Written<Created<Referent>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// List referents
///
/// The networks of the services that the caller can access, most recently appointed first. `standing` filters on the
/// standing of today.
#[utoipa::path(get, path = "/v1/referents")]
pub(super) async fn list_referents(
    can: Can<ReferentsRead>,
    context: Data<Context>,
    list: List<ReferentFilter>,
) -> Result<Listed<ReferentPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get a referent
///
/// One referent, with their standing today, its reasons, and the next date on which the standing changes if nothing is
/// recorded.
#[utoipa::path(get, path = "/v1/referents/{id}")]
pub(super) async fn get_referent(
    can: Can<ReferentsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Referent>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Update a referent
///
/// Updates the structure, the identity and the first day. A merge patch (RFC 7396): an absent field keeps its value,
/// null removes it.
#[utoipa::path(patch, path = "/v1/referents/{id}")]
pub(super) async fn update_referent(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ReferentPatch>,
) -> Result<Written<Current<Referent>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Delete a referent
///
/// For a referent recorded by mistake. A referent with attendances cannot be deleted (409): record their departure instead.
#[utoipa::path(
    delete,
    path = "/v1/referents/{id}",
    responses((status = 409, description = "The referent has attendances, or another request has just changed the referent."))
)]
pub(super) async fn delete_referent(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    reason: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, reason.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, delete).await
}

/// Sign the charter
///
/// Records the signatures of a version of the charter by the referent, the structure and the service, together or one by one.
/// No signature can precede the appointment. Signatures of the current version are added or corrected. Another version
/// discards the previous signatures: the certification then dates from the last of the three signatures of the new version.
#[utoipa::path(post, path = "/v1/referents/{id}/sign", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn sign_referent_charter(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<CharterSignature>,
) -> Result<Written<Current<Referent>>, ApiError> {
    run_action(can, &context, id.0, change, Command::Sign(body.0)).await
}

/// Record the departure of a referent
///
/// With the last day in the network and the reason. Attendances until that day can still be recorded.
#[utoipa::path(post, path = "/v1/referents/{id}/leave", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn leave_referent_network(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ReferentDeparture>,
) -> Result<Written<Current<Referent>>, ApiError> {
    run_action(can, &context, id.0, change, Command::Leave(body.0)).await
}

/// Cancel the departure of a referent
///
/// The referent is in the network again as if they had never left: all attendances and signatures count.
#[utoipa::path(post, path = "/v1/referents/{id}/return", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn return_to_referent_network(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<Referent>>, ApiError> {
    run_action(can, &context, id.0, change, Command::Return).await
}

async fn run_action(
    can: Can<ReferentsWrite>,
    context: &Context,
    id: Id,
    change: Conditional,
    command: Command,
) -> Result<Written<Current<Referent>>, ApiError> {
    change.on(context, can, id, ops::find, move |work, row| act(work, &row, command).map(Current)).await
}
