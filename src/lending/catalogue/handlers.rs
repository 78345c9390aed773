//! The operations of kits.

use actix_web::web::Data;

use super::dto::{Kit, KitFilter, KitInput, KitPage, KitPatch};
use super::ops;
use crate::auth::grants::{CatalogueRead, KitsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{
    Body, Conditional, Created, Current, Deletion, NoContent, Once, Patch, Path, PrivatelyCached, Query, Written,
};
use crate::lending::past::Past;
use crate::work::Work;

/// Add a kit
///
/// Adds a kit to the catalogue of a service. Then add its items and copies.
#[utoipa::path(post, path = "/v1/kits")]
pub(super) async fn create_kit(
    can: Can<KitsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<KitInput>,
) -> Result<Written<Created<Kit>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// List the kits
///
/// Returns the catalogue of the services that the caller can access, by title. Each kit comes with its items and
/// copies. With `free_from` and `free_to`, returns only kits with a copy that is free for the whole period, which begins before
/// today only for callers who also hold `reservations:read` (400 `in_the_past`). The
/// catalogue contains no personal data: a website may display it and cache it for five minutes.
#[utoipa::path(get, path = "/v1/kits")]
pub(super) async fn list_kits(
    can: Can<CatalogueRead>,
    context: Data<Context>,
    list: List<KitFilter>,
) -> Result<PrivatelyCached<Listed<KitPage>>, ApiError> {
    let past = Past::of(&can);
    list.read(&context, can.call(), move |work, list| ops::list(work, (&can.scope, &past), list))
        .await
        .map(PrivatelyCached)
}

/// Get a kit
///
/// Returns a kit with its items and copies. A website may cache it for five minutes.
#[utoipa::path(get, path = "/v1/kits/{id}")]
pub(super) async fn get_kit(
    can: Can<CatalogueRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<PrivatelyCached<Current<Kit>>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current).map(PrivatelyCached)
}

/// Update a kit
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. A new `loan_days` applies to later
/// bookings only.
#[utoipa::path(patch, path = "/v1/kits/{id}")]
pub(super) async fn update_kit(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<KitPatch>,
) -> Result<Written<Current<Kit>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Delete a kit
///
/// Deletes a kit that should not be in the catalogue. Fails with 409 if the kit has items, copies or reservations.
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
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, why.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, delete).await
}
