//! The operations of copies.

use actix_web::web::Data;

use super::dto::{KitCopy, KitCopyInput, KitCopyPatch, KitCopyReturn, KitCopyWithdrawal};
use super::ops;
use crate::auth::grants::{CatalogueRead, KitsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{Body, Conditional, Created, Current, Once, Patch, Path, PrivatelyCached, Written};
use crate::lending::catalogue;

/// Add a copy to a kit
///
/// Adds a case that can be lent. The copy is proposed to the borrowers in the queue of the kit, in order. A copy is never
/// deleted: if it was added by mistake, take it out of service.
#[utoipa::path(
    post,
    path = "/v1/kits/{id}/copies",
    responses((status = 409, description = "Another copy of the kit has this label: see `existing_id`."))
)]
pub(super) async fn create_kit_copy(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<KitCopyInput>,
) -> Result<Written<Created<KitCopy>>, ApiError> {
    once.under_object(&context, can, id.0, catalogue::ops::find_to_plan, move |work, kit| {
        ops::create(work, &kit, &body.0).map(Created)
    })
    .await
}

/// Get a copy of a kit
///
/// Returns a copy: its condition, its home site, whether it is in service.
#[utoipa::path(get, path = "/v1/kit-copies/{id}")]
pub(super) async fn get_kit_copy(
    can: Can<CatalogueRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<PrivatelyCached<Current<KitCopy>>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current).map(PrivatelyCached)
}

/// Update a copy of a kit
///
/// Updates the label and the home site. A merge patch (RFC 7396): an absent field keeps its value, null removes it. The
/// condition changes with a check.
#[utoipa::path(
    patch,
    path = "/v1/kit-copies/{id}",
    responses((status = 409, description = "Another copy of the kit has this label (`existing_id`), or another request has just changed this one."))
)]
pub(super) async fn update_kit_copy(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<KitCopyPatch>,
) -> Result<Written<Current<KitCopy>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Take a copy out of service
///
/// The copy can no longer be reserved. Its existing reservations remain and are returned as endangered: move them to
/// another copy. A current loan ends as usual.
#[utoipa::path(
    post,
    path = "/v1/kit-copies/{id}/withdraw",
    responses((status = 409, description = "The copy is already out of service, or another request has just changed it."))
)]
pub(super) async fn withdraw_kit_copy(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<KitCopyWithdrawal>,
) -> Result<Written<Current<KitCopy>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::withdraw(work, &row, &body.0).map(Current)).await
}

/// Put a copy back in service
///
/// Records the present condition of the copy in its history, and proposes the copy to the queue of the kit.
#[utoipa::path(
    post,
    path = "/v1/kit-copies/{id}/put-back",
    responses((status = 409, description = "The copy is already in service, or another request has just changed it."))
)]
pub(super) async fn put_back_kit_copy(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<KitCopyReturn>,
) -> Result<Written<Current<KitCopy>>, ApiError> {
    change
        .on(&context, can, id.0, ops::find_to_plan, move |work, row| ops::put_back(work, &row, &body.0).map(Current))
        .await
}
