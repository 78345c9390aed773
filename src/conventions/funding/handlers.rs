//! The operations of funding.

use actix_web::web::Data;

use super::dto::{Funding, FundingFilter, FundingPage, FundingPatch, FundingPlan, NewFunding, OfYear};
use super::ops;
use crate::auth::grants::{ConventionsRead, ConventionsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::page::{List, Listed};
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Reply, Written};
use crate::work::Work;

/// Record what a funder gives
///
/// One line a funder and calendar year: the share that was agreed, planned, received.
#[utoipa::path(
    post,
    path = "/v1/fundings",
    responses((status = 409, description = "The funder has a line for the year already: see `existing_id`."))
)]
pub(super) async fn create_funding(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<NewFunding>,
) -> Result<Written<Created<Funding>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// List the fundings
///
/// What funders give to the services that the token may see, the latest year first.
#[utoipa::path(get, path = "/v1/fundings")]
pub(super) async fn list_fundings(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    list: List<FundingFilter>,
) -> Result<Listed<FundingPage>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, &list)).await.map(Listed)
}

/// Get a funding
///
/// One line of the funding of a year.
#[utoipa::path(get, path = "/v1/fundings/{id}")]
pub(super) async fn get_funding(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Funding>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Correct a funding
///
/// A merge patch: what is absent stays, null is unknown.
#[utoipa::path(patch, path = "/v1/fundings/{id}")]
pub(super) async fn update_funding(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<FundingPatch>,
) -> Result<Written<Current<Funding>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Delete a funding
///
/// For a line that should not be there.
#[utoipa::path(delete, path = "/v1/fundings/{id}")]
pub(super) async fn delete_funding(
    can: Can<ConventionsWrite>,
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

/// Get the funding of a year
///
/// Funder by funder, planned and received, with the share of each, whether the agreed shares make 100 %, and what the
/// contributions of the year make beside what is planned from conventions. `checks` names what does not fit.
#[utoipa::path(get, path = "/v1/services/{id}/funding-plan")]
pub(super) async fn get_funding_plan(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    of: Query<OfYear>,
) -> Result<Reply<FundingPlan>, ApiError> {
    context.read(can.call(), move |work| ops::plan(work, &can.scope, id.0, of.0.year)).await.map(Reply)
}
