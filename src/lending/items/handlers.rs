//! The operations of what kits contain.

use actix_web::web::Data;

use super::dto::{KitItem, KitItemPatch, NewKitItem};
use super::ops;
use crate::auth::grants::{CatalogueRead, KitsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{
    Body, Conditional, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Shareable, Written,
};
use crate::lending::catalogue;
use crate::work::Work;

/// Add an item to a kit
///
/// A thing that every copy should hold: a book, a CD, an adapted toy. The kit changes with it.
#[utoipa::path(post, path = "/v1/kits/{id}/items")]
pub(super) async fn create_kit_item(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<NewKitItem>,
) -> Result<Written<Created<KitItem>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| catalogue::ops::find(work, &can.scope, id.0);
    once.under(&context, call, find, move |work, kit| ops::create(work, &kit, &body.0).map(Created)).await
}

/// Get an item of a kit
///
/// One thing that every copy of a kit should hold.
#[utoipa::path(get, path = "/v1/kit-items/{id}")]
pub(super) async fn get_kit_item(
    can: Can<CatalogueRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Shareable<Current<KitItem>>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current).map(Shareable)
}

/// Correct an item of a kit
///
/// A merge patch: what is absent stays, null removes. The next check of each copy counts by the new quantity.
#[utoipa::path(patch, path = "/v1/kit-items/{id}")]
pub(super) async fn update_kit_item(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<KitItemPatch>,
) -> Result<Written<Current<KitItem>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Delete an item of a kit
///
/// For one that was entered by mistake. One that was missing or damaged once gets the quantity 0 instead.
#[utoipa::path(
    delete,
    path = "/v1/kit-items/{id}",
    responses((status = 409, description = "The item was missing or damaged once."))
)]
pub(super) async fn delete_kit_item(
    can: Can<KitsWrite>,
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
