//! The operations of kits.

use actix_web::web::Data;

use super::dto::{Kit, KitFilter, KitPage, KitPatch, NewKit};
use super::ops;
use crate::auth::grants::{CatalogueRead, KitsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::page::{List, Listed};
use crate::http::{
    Body, Conditional, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Shareable, Written,
};
use crate::work::Work;

/// Add a kit
///
/// Enters a kit in the catalogue of a service; its items and its copies are added next.
#[utoipa::path(post, path = "/v1/kits")]
pub(super) async fn create_kit(
    can: Can<KitsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<NewKit>,
) -> Result<Written<Created<Kit>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// List the kits
///
/// The catalogue of the services that the token may see, by title, each kit with its items and copies. `free_from` and
/// `free_to` keep those with a copy that is free all that time: what can be lent that week. Nothing in it is about
/// anybody: a website may show it, and keep it for five minutes.
#[utoipa::path(get, path = "/v1/kits")]
pub(super) async fn list_kits(
    can: Can<CatalogueRead>,
    context: Data<Context>,
    list: List<KitFilter>,
) -> Result<Shareable<Listed<KitPage>>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, &list)).await.map(Listed).map(Shareable)
}

/// Get a kit
///
/// One kit with its items and copies. A website may keep it for five minutes.
#[utoipa::path(get, path = "/v1/kits/{id}")]
pub(super) async fn get_kit(
    can: Can<CatalogueRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Shareable<Current<Kit>>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current).map(Shareable)
}

/// Correct a kit
///
/// A merge patch: what is absent stays, null removes. `loan_days` binds what is booked next.
#[utoipa::path(patch, path = "/v1/kits/{id}")]
pub(super) async fn update_kit(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<KitPatch>,
) -> Result<Written<Current<Kit>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Delete a kit
///
/// For one that should not be in the catalogue. One with items, copies or reservations stays.
#[utoipa::path(
    delete,
    path = "/v1/kits/{id}",
    responses((status = 409, description = "The kit has items, copies or reservations."))
)]
pub(super) async fn delete_kit(
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
