//! The operations of placements.

use actix_web::web::Data;

use super::dto::{
    Placement, PlacementCancellation, PlacementEnd, PlacementFilter, PlacementInput, PlacementPage, PlacementPatch,
    PlacementStart,
};
use super::{act, correct, found, ops};
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases::corrections::dto::Removal;
use crate::cases::corrections::handlers::correctable;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Conditional, Created, Current, Once, Path, Written};
use crate::naming::ops::named;
use crate::work::Work;

/// Record a placement
///
/// A childcare place of the child: an organisation of the directory and a first day. In the future, it is planned: confirm it
/// once the child has come. Before the case was opened, it is a place that the child already had. Otherwise it is effective,
/// and records the step `effective_placement`. The case stays open, because the integration is followed. Reviews are due some
/// months after the start (`placement_review_months` of the service). It is not before the birth of the child, or before the
/// expected birth until the birth is recorded (`before_birth`).
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/placements",
    responses((status = 409, description = "The case is closed, or this placement or another main one is already recorded: see `existing_id`."))
)]
pub(super) async fn create_placement(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<PlacementInput>,
) -> Result<Written<Created<Placement>>, ApiError> {
    let scope = can.scope.clone();
    let record = move |work: &mut Work<'_>, found| {
        let shown = ops::record(work, &scope, &found, &body.0)?;
        named(work, shown).map(Created)
    };
    once.under_object(&context, can, id.0, ops::find_case, record).await
}

/// List the placements of a case
///
/// The child's planned, current and past placements, most recent start date first.
#[utoipa::path(get, path = "/v1/cases/{id}/placements")]
pub(super) async fn list_placements(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<PlacementFilter>,
) -> Result<Listed<PlacementPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, list)).await
}

/// Confirm a planned placement
///
/// The child came: the placement is effective from that day, and records the step `effective_placement`. Nothing is confirmed
/// by itself when the planned day passes.
#[utoipa::path(
    post,
    path = "/v1/placements/{id}/confirm",
    responses((status = 409, description = "The placement is not planned, the case is closed, or another main place has some of its days (`existing_id`)."))
)]
pub(super) async fn confirm_placement(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<PlacementStart>,
) -> Result<Written<Current<Placement>>, ApiError> {
    let scope = can.scope.clone();
    let confirm = move |work: &mut Work<'_>, found| {
        let shown = act::confirm(work, &scope, &found, &body.0)?;
        named(work, shown).map(Current)
    };
    change.on(&context, can, id.0, found::find, confirm).await
}

/// Cancel a planned placement
///
/// The place did not come about, with the reason. It stays in the list and counts in no figure.
#[utoipa::path(
    post,
    path = "/v1/placements/{id}/cancel",
    responses((status = 409, description = "The placement is not planned, or the case is closed."))
)]
pub(super) async fn cancel_placement(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<PlacementCancellation>,
) -> Result<Written<Current<Placement>>, ApiError> {
    let scope = can.scope.clone();
    let cancel = move |work: &mut Work<'_>, found| {
        let shown = act::cancel(work, &scope, &found, &body.0)?;
        named(work, shown).map(Current)
    };
    change.on(&context, can, id.0, found::find, cancel).await
}

/// End a placement
///
/// Sets the last day and its reason. It can be in the future, and set again until it has passed; after that, correct the
/// placement. It can also be set on a closed case: whether the child was still there months later is a result. The former
/// values stay in its history. Reviews that would be due later go.
#[utoipa::path(
    post,
    path = "/v1/placements/{id}/end",
    responses((status = 409, description = "The placement has ended or has not started, or the outcome of the closed case relies on it."))
)]
pub(super) async fn end_placement(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<PlacementEnd>,
) -> Result<Written<Current<Placement>>, ApiError> {
    let scope = can.scope.clone();
    let end = move |work: &mut Work<'_>, found| {
        let shown = act::end(work, &scope, &found, &body.0)?;
        named(work, shown).map(Current)
    };
    change.on(&context, can, id.0, found::find, end).await
}

correctable! {
    Placement for scope, found by found::find, named by named;

    /// Get a placement
    ///
    /// A planned, current or past placement.
    #[utoipa::path(get, path = "/v1/placements/{id}")]
    get_placement = ops::get;

    /// Correct a placement
    ///
    /// A merge patch (RFC 7396): an absent field keeps its value, null removes it. Who recorded it may correct it, and callers
    /// with `cases:correct` correct everybody's (403). The rules are those of a new placement. The step `effective_placement` follows.
    /// The former values stay in its history. Published statistics do not change: `counted_in` lists them.
    #[utoipa::path(
        patch,
        path = "/v1/placements/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "This placement or another main one is already recorded (`existing_id`), or the outcome of the closed case relies on it.")
        )
    )]
    update_placement(PlacementPatch) = correct::correct;

    /// Remove a placement
    ///
    /// For a placement recorded by mistake; one that ends gets a last day instead. Its step goes with it. Who recorded it may
    /// remove it, and callers with `cases:correct` remove everybody's (403). Its values stay in its history. Published statistics do
    /// not change: `counted_in` lists them.
    #[utoipa::path(
        delete,
        path = "/v1/placements/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "The outcome of the closed case relies on it (correct the outcome first), or one of its reviews was answered (`existing_id`).")
        )
    )]
    delete_placement -> Removal = correct::remove;

    /// List the history of a placement
    ///
    /// Its corrections, oldest first: who, when, which values before and after; at the end its removal, with the reason. For who
    /// recorded it, and for callers with `cases:correct`.
    #[utoipa::path(
        get,
        path = "/v1/placements/{id}/history",
        responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
    )]
    list_placement_history of super::store::PlacementRow;
}
