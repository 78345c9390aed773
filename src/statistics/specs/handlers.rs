//! The operations of specifications.

use actix_web::web::Data;

use super::dto::{NewStatisticsSpec, StatisticsSpec, StatisticsSpecPage, StatisticsSpecVersion};
use super::ops;
use crate::auth::grants::{StatisticsManage, StatisticsRead};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::page::{List, Listed, NoFilter};
use crate::http::path::Path2;
use crate::http::{Body, Created, Once, Path, Query, Tagged, Written};
use crate::services;
use crate::services::ops::ServiceRow;
use crate::work::Work;

/// Define a specification of statistics
///
/// Which tables the service publishes: the first version of a new code, or the next one of a code of its own. A version never
/// changes. The service publishes by it once its settings name the code. Communes are refused to a service that follows fewer
/// than 300 children a year: the problem says why.
#[utoipa::path(post, path = "/v1/services/{id}/statistics-specs")]
pub(super) async fn create_statistics_spec(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<NewStatisticsSpec>,
) -> Result<Written<Created<StatisticsSpec>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| services::ops::find(work, &can.scope, id.0);
    let create = move |work: &mut Work<'_>, service: ServiceRow| ops::create(work, service.id(), &body.0).map(Created);
    once.under(&context, call, find, create).await
}

/// List the specifications of statistics
///
/// `small` and `large`, which every service has, then those of the service by code, the latest version first.
#[utoipa::path(get, path = "/v1/services/{id}/statistics-specs")]
pub(super) async fn list_statistics_specs(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<StatisticsSpecPage>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, id.0, &list.page)).await.map(Listed)
}

/// Get a specification of statistics
///
/// The latest version, or the one that is asked for. Releases name the version and the hash that they follow.
#[utoipa::path(get, path = "/v1/services/{id}/statistics-specs/{code}", params(
    ("id" = Id, Path, description = "Identifier of the service."),
    ("code" = String, Path, description = "Code of the specification.", example = "small")
))]
pub(super) async fn get_statistics_spec(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    path: Path2<Id, String>,
    asked: Query<StatisticsSpecVersion>,
) -> Result<Tagged<StatisticsSpec>, ApiError> {
    let call = can.call();
    let read = move |work: &mut Work<'_>| ops::get(work, &can.scope, path.0, &path.1, asked.0.version);
    context.read(call, read).await.map(Tagged)
}
