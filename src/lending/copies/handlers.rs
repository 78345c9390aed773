//! The operations of copies.

use actix_web::web::Data;

use super::dto::{KitCopy, KitCopyPatch, KitCopyReturn, KitCopyWithdrawal, NewKitCopy};
use super::ops;
use crate::auth::grants::{CatalogueRead, KitsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{Body, Conditional, Created, Current, Once, Patch, Path, Shareable, Written};
use crate::lending::catalogue;
use crate::work::Work;

/// Add a copy to a kit
///
/// A case that travels. Whoever waits for the kit is proposed it, in the order of the queue. A copy is never deleted: one
/// that should not be there is withdrawn.
#[utoipa::path(
    post,
    path = "/v1/kits/{id}/copies",
    responses((status = 409, description = "The kit has a copy with this label: see `existing_id`."))
)]
pub(super) async fn create_kit_copy(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<NewKitCopy>,
) -> Result<Written<Created<KitCopy>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| catalogue::ops::find(work, &can.scope, id.0);
    once.under(&context, call, find, move |work, kit| ops::create(work, &kit, &body.0).map(Created)).await
}

/// Get a copy of a kit
///
/// One case that travels: its condition, its home, whether it is in service.
#[utoipa::path(get, path = "/v1/kit-copies/{id}")]
pub(super) async fn get_kit_copy(
    can: Can<CatalogueRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Shareable<Current<KitCopy>>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current).map(Shareable)
}

/// Correct a copy of a kit
///
/// A merge patch of its label and its home: what is absent stays. Its condition changes with a check.
#[utoipa::path(
    patch,
    path = "/v1/kit-copies/{id}",
    responses((status = 409, description = "The kit has a copy with this label (`existing_id`), or someone else has just changed it."))
)]
pub(super) async fn update_kit_copy(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<KitCopyPatch>,
) -> Result<Written<Current<KitCopy>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Take a copy out of service
///
/// It is not promised to anybody any more. Reservations that it was promised to stay and are shown as endangered: move
/// them to another copy. A loan that goes on ends as usual.
#[utoipa::path(
    post,
    path = "/v1/kit-copies/{id}/withdraw",
    responses((status = 409, description = "The copy is out of service already, or someone else has just changed it."))
)]
pub(super) async fn withdraw_kit_copy(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<KitCopyWithdrawal>,
) -> Result<Written<Current<KitCopy>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::withdraw(work, &row, &body.0).map(Current)).await
}

/// Put a copy back in service
///
/// In the condition that it is in now, which enters its history. Whoever waits for the kit is proposed it.
#[utoipa::path(
    post,
    path = "/v1/kit-copies/{id}/put-back",
    responses((status = 409, description = "The copy is in service, or someone else has just changed it."))
)]
pub(super) async fn put_back_kit_copy(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<KitCopyReturn>,
) -> Result<Written<Current<KitCopy>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::put_back(work, &row, &body.0).map(Current)).await
}
