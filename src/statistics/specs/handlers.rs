//! The operations of specifications.

use actix_web::web::Data;

use super::dto::{StatisticsSpec, StatisticsSpecInput, StatisticsSpecPage, StatisticsSpecVersion};
use super::ops;
use crate::auth::grants::{StatisticsManage, StatisticsRead};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::path::Path2;
use crate::http::{Body, Created, Once, Path, Query, Tagged, Written};
use crate::work::Work;

/// Define a specification of statistics
///
/// Defines which tables the service publishes: the first version of a new code, or the next version of a code of the
/// service. A version never changes. The service follows it once its settings name the code. A service with fewer than
/// 300 children per year cannot publish communes; the problem explains why.
#[utoipa::path(post, path = "/v1/services/{id}/statistics-specs")]
pub(super) async fn create_statistics_spec(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<StatisticsSpecInput>,
) -> Result<Written<Created<StatisticsSpec>>, ApiError> {
    let create = move |work: &mut Work<'_>, service: Id| ops::create(work, service, &body.0).map(Created);
    once.under_object(&context, can, id.0, ops::find_service, create).await
}

/// List the specifications of statistics
///
/// Returns the built-in `small` and `large`, then those of the service by code, A to Z, latest version first.
#[utoipa::path(get, path = "/v1/services/{id}/statistics-specs")]
pub(super) async fn list_statistics_specs(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<StatisticsSpecPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, &list.page)).await
}

/// Get a specification of statistics
///
/// Returns the latest version or the requested one. Releases state the version and the hash that they follow.
#[utoipa::path(get, path = "/v1/services/{id}/statistics-specs/{code}", params(
    ("id" = Id, Path, description = "Identifier of the service."),
    ("code" = String, Path, description = "Code of the specification.", example = "small")
))]
pub(super) async fn get_statistics_spec(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    path: Path2<Id, String>,
    version: Query<StatisticsSpecVersion>,
) -> Result<Tagged<StatisticsSpec>, ApiError> {
    let call = can.call();
    let read = move |work: &mut Work<'_>| ops::get(work, &can.scope, path.0, &path.1, version.0.version);
    context.read(call, read).await.map(Tagged)
}
