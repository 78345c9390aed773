//! The operations of funding.

use actix_web::web::Data;

use super::dto::{Funding, FundingFilter, FundingInput, FundingPage, FundingPatch, FundingPlan, YearQuery};
use super::ops;
use crate::auth::grants::{ConventionsRead, ConventionsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Reply, Written};
use crate::work::Work;

/// Record a funding
///
/// Records what a funder gives in a calendar year: agreed share, planned amount, received amount. There is one line per
/// funder and year.
#[utoipa::path(
    post,
    path = "/v1/fundings",
    responses((status = 409, description = "The funder already has a line for the year: see `existing_id`."))
)]
pub(super) async fn create_funding(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<FundingInput>,
) -> Result<Written<Created<Funding>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// List the fundings
///
/// Returns what funders give to the services that the caller can access. By default, latest year first.
#[utoipa::path(get, path = "/v1/fundings")]
pub(super) async fn list_fundings(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    list: List<FundingFilter>,
) -> Result<Listed<FundingPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get a funding
///
/// Returns one line of the funding of a year.
#[utoipa::path(get, path = "/v1/fundings/{id}")]
pub(super) async fn get_funding(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Funding>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Update a funding
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. A removed amount is unknown.
#[utoipa::path(patch, path = "/v1/fundings/{id}")]
pub(super) async fn update_funding(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<FundingPatch>,
) -> Result<Written<Current<Funding>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Delete a funding
///
/// Deletes a line recorded by mistake.
#[utoipa::path(delete, path = "/v1/fundings/{id}")]
pub(super) async fn delete_funding(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, why.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, delete).await
}

/// Get the funding of a year
///
/// Returns the amounts planned and received from each funder, with its share, whether the agreed shares add up to 100%,
/// and the contributions of the year next to what is planned from conventions. `checks` lists the inconsistencies.
#[utoipa::path(get, path = "/v1/services/{id}/funding-plan")]
pub(super) async fn get_funding_plan(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    of: Query<YearQuery>,
) -> Result<Reply<FundingPlan>, ApiError> {
    context.read(can.call(), move |work| ops::plan(work, &can.scope, id.0, of.0.year)).await.map(Reply)
}
