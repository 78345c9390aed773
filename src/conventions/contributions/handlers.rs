//! The operations of contributions.

use actix_web::web::Data;

use super::dto::{Contribution, ContributionFilter, ContributionInput, ContributionPage};
use super::ops;
use crate::auth::grants::{ConventionsRead, ConventionsWrite};
use crate::conventions::agreements;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Path, Query, Written};
use crate::work::Work;

/// Compute the contribution of a year
///
/// Computes what the local authority owes for a calendar year, with its instalments: the rate times the population, or
/// a flat sum, by calendar month; the first and the last month count whole. The population is that of the embedded map,
/// unless another one is given with its year and source. The contribution is frozen when the convention is signed, or
/// at once if it is already signed; until then it can be deleted and computed again.
#[utoipa::path(
    post,
    path = "/v1/conventions/{id}/contributions",
    responses((status = 409, description = "The contribution of the year is already computed (`existing_id`), or the convention was declined."))
)]
pub(super) async fn create_contribution(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<ContributionInput>,
) -> Result<Written<Created<Contribution>>, ApiError> {
    once.under_object(&context, can, id.0, agreements::ops::find, move |work, row| {
        ops::create(work, &row, &body.0).map(Created)
    })
    .await
}

/// List the contributions
///
/// Returns what local authorities owe to the services that the caller can access. By default, latest year first.
#[utoipa::path(get, path = "/v1/contributions")]
pub(super) async fn list_contributions(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    list: List<ContributionFilter>,
) -> Result<Listed<ContributionPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get a contribution
///
/// Returns a contribution with its formula and its instalments.
#[utoipa::path(get, path = "/v1/contributions/{id}")]
pub(super) async fn get_contribution(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Contribution>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Delete a contribution
///
/// Deletes a contribution so that it can be computed again. A frozen contribution cannot be deleted.
#[utoipa::path(
    delete,
    path = "/v1/contributions/{id}",
    responses((status = 409, description = "The contribution is frozen, or was changed concurrently."))
)]
pub(super) async fn delete_contribution(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, why.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, delete).await
}
