//! The operations of targets.

use actix_web::web::Data;

use super::dto::{
    IndicatorTarget, IndicatorTargetFilter, IndicatorTargetInput, IndicatorTargetPage, IndicatorTargetPatch,
};
use super::ops;
use crate::auth::grants::{ActivityRead, StatisticsManage};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{
    Body, Can, Conditional, Context, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Written,
};
use crate::services;
use crate::services::ops::ServiceRow;
use crate::work::Work;

/// Set a target of an indicator
///
/// The value that the service aims at in a calendar year. There is one target per indicator and year.
#[utoipa::path(
    post,
    path = "/v1/services/{id}/indicator-targets",
    responses((status = 409, description = "The indicator already has a target for this year: see `existing_id`."))
)]
pub(super) async fn create_indicator_target(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<IndicatorTargetInput>,
) -> Result<Written<Created<IndicatorTarget>>, ApiError> {
    let create = move |work: &mut Work<'_>, service: ServiceRow| ops::create(work, service.id(), &body.0).map(Created);
    once.under_object(&context, can, id.0, services::ops::find, create).await
}

/// List the targets of a service
///
/// The targets of indicators, latest year first. The live values of an indicator have its target beside them.
#[utoipa::path(get, path = "/v1/services/{id}/indicator-targets")]
pub(super) async fn list_indicator_targets(
    can: Can<ActivityRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<IndicatorTargetFilter>,
) -> Result<Listed<IndicatorTargetPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, list)).await
}

/// Get a target of an indicator
///
/// The value that a service aims at in a year, and why.
#[utoipa::path(get, path = "/v1/indicator-targets/{id}")]
pub(super) async fn get_indicator_target(
    can: Can<ActivityRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<IndicatorTarget>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Update a target of an indicator
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. Its indicator and its year do not change.
#[utoipa::path(patch, path = "/v1/indicator-targets/{id}")]
pub(super) async fn update_indicator_target(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<IndicatorTargetPatch>,
) -> Result<Written<Current<IndicatorTarget>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Delete a target of an indicator
///
/// The indicator has no target for the year any more.
#[utoipa::path(delete, path = "/v1/indicator-targets/{id}")]
pub(super) async fn delete_indicator_target(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, why.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, delete).await
}
