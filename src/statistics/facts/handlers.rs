//! The operations of facts.

use actix_web::web::Data;

use super::dto::{NewStatisticsFact, StatisticsFact, StatisticsFactFilter, StatisticsFactPage};
use super::ops;
use crate::auth::grants::StatisticsManage;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::page::{List, Listed};
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Path, Query, Written};
use crate::services;
use crate::services::ops::ServiceRow;
use crate::work::Work;

/// Record a figure made public elsewhere
///
/// What a council's minutes or a newspaper told of the service: the protection of the next releases reckons with it, since
/// whoever reads them may know it. It does not change once recorded.
#[utoipa::path(post, path = "/v1/services/{id}/statistics-facts")]
pub(super) async fn create_statistics_fact(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<NewStatisticsFact>,
) -> Result<Written<Created<StatisticsFact>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| services::ops::find(work, &can.scope, id.0);
    let create = move |work: &mut Work<'_>, service: ServiceRow| ops::create(work, service.id(), &body.0).map(Created);
    once.under(&context, call, find, create).await
}

/// List the figures made public elsewhere
///
/// Those of a service, made public last first.
#[utoipa::path(get, path = "/v1/services/{id}/statistics-facts")]
pub(super) async fn list_statistics_facts(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<StatisticsFactFilter>,
) -> Result<Listed<StatisticsFactPage>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, id.0, &list)).await.map(Listed)
}

/// Get a figure made public elsewhere
///
/// One figure, with where it was made public and whether a release reckons with it.
#[utoipa::path(get, path = "/v1/statistics-facts/{id}")]
pub(super) async fn get_statistics_fact(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<StatisticsFact>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Delete a figure made public elsewhere
///
/// For one that should not have been recorded, while no release reckons with it.
#[utoipa::path(
    delete,
    path = "/v1/statistics-facts/{id}",
    responses((status = 409, description = "A release reckons with it, or someone else has just changed it."))
)]
pub(super) async fn delete_statistics_fact(
    can: Can<StatisticsManage>,
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
