//! The operations of facts.

use actix_web::web::Data;

use super::dto::{StatisticsFact, StatisticsFactFilter, StatisticsFactInput, StatisticsFactPage};
use super::ops;
use crate::auth::grants::StatisticsManage;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Path, Query, Written};
use crate::services;
use crate::services::ops::ServiceRow;
use crate::work::Work;

/// Record a figure made public elsewhere
///
/// Records that the minutes of a council or a newspaper made a figure about the service public: what it counts, and where it
/// is, but not the figure. Readers of the next releases are taken to know the true count, so they may hide more because of
/// it; it is itself in no release. It counts once another person has confirmed it, and seven days after that. It does not
/// change once recorded. For user accounts: a client gets a 403.
#[utoipa::path(post, path = "/v1/services/{id}/statistics-facts")]
pub(super) async fn create_statistics_fact(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<StatisticsFactInput>,
) -> Result<Written<Created<StatisticsFact>>, ApiError> {
    let create = move |work: &mut Work<'_>, service: ServiceRow| ops::create(work, service.id(), &body.0).map(Created);
    once.under_object(&context, can, id.0, services::ops::find, create).await
}

/// List the figures made public elsewhere
///
/// Returns the figures of a service, most recently made public first.
#[utoipa::path(get, path = "/v1/services/{id}/statistics-facts")]
pub(super) async fn list_statistics_facts(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<StatisticsFactFilter>,
) -> Result<Listed<StatisticsFactPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, list)).await
}

/// Get a figure made public elsewhere
///
/// Returns one figure: where it was made public, who confirmed it, from when on it counts, and whether a release takes it into
/// account.
#[utoipa::path(get, path = "/v1/statistics-facts/{id}")]
pub(super) async fn get_statistics_fact(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<StatisticsFact>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Confirm a figure made public elsewhere
///
/// Confirms that the document exists and makes this figure public. A second person does it (403 for who recorded the figure,
/// and for a client): a figure that nobody knows would only hide more than necessary. Builds take it into account from
/// `counts_from` on, seven days later; a draft made before must then be prepared again.
#[utoipa::path(
    post,
    path = "/v1/statistics-facts/{id}/confirm",
    responses((status = 409, description = "It is already confirmed, or someone else has just changed it."))
)]
pub(super) async fn confirm_statistics_fact(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<StatisticsFact>>, ApiError> {
    change.on(&context, can, id.0, ops::find, |work, row| ops::confirm(work, &row).map(Current)).await
}

/// Delete a figure made public elsewhere
///
/// Deletes a figure that should not have been recorded. For people, not for clients (403). Fails with 409 if a release takes it into account.
#[utoipa::path(
    delete,
    path = "/v1/statistics-facts/{id}",
    responses((status = 409, description = "A release takes it into account, or someone else has just changed it."))
)]
pub(super) async fn delete_statistics_fact(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, why.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, delete).await
}
