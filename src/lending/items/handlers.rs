//! The operations of items.

use actix_web::web::Data;

use super::dto::{KitItem, KitItemInput, KitItemPatch};
use super::ops;
use crate::auth::grants::{CatalogueRead, KitsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::{
    Body, Can, Conditional, Context, Created, Current, Deletion, NoContent, Once, Patch, Path, PrivatelyCached, Query,
    Written,
};
use crate::lending::catalogue;
use crate::work::Work;

/// Add an item to a kit
///
/// Adds an item that every copy should contain, such as a book, a CD or an adapted toy. The version of the kit changes too.
#[utoipa::path(post, path = "/v1/kits/{id}/items")]
pub(super) async fn create_kit_item(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<KitItemInput>,
) -> Result<Written<Created<KitItem>>, ApiError> {
    once.under_object(&context, can, id.0, catalogue::ops::find, move |work, kit| {
        ops::create(work, &kit, &body.0).map(Created)
    })
    .await
}

/// Get an item of a kit
///
/// Returns an item that every copy of a kit should contain.
#[utoipa::path(get, path = "/v1/kit-items/{id}")]
pub(super) async fn get_kit_item(
    can: Can<CatalogueRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<PrivatelyCached<Current<KitItem>>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current).map(PrivatelyCached)
}

/// Update an item of a kit
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. The next check of each copy expects the
/// new quantity.
#[utoipa::path(patch, path = "/v1/kit-items/{id}")]
pub(super) async fn update_kit_item(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<KitItemPatch>,
) -> Result<Written<Current<KitItem>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Delete an item of a kit
///
/// Deletes an item that was added by mistake. If the item has ever been missing or damaged, set its quantity to 0 instead.
#[utoipa::path(
    delete,
    path = "/v1/kit-items/{id}",
    responses((status = 409, description = "The item has been missing or damaged before."))
)]
pub(super) async fn delete_kit_item(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, why.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, delete).await
}
