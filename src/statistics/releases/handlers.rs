//! The operations of builds and releases.

use std::sync::Arc;

use actix_web::web::Data;

use super::dto::document::{StatisticsEnvelope, StatisticsReleaseDocument};
use super::dto::{
    StatisticsBuild, StatisticsBuildFilter, StatisticsBuildInput, StatisticsBuildPage, StatisticsFileChoice,
    StatisticsFiles, StatisticsReleaseFilter, StatisticsReleasePage, StatisticsTableChoice, StatisticsTier,
};
use super::live::Live;
use super::ops;
use super::reading::{Part, Reading, RequestedTable};
use super::store::Readers;
use crate::auth::grants::{StatisticsManage, StatisticsRead};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::immutable::{Immutable, Preview};
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::path::Path2;
use crate::http::rendering::{Rendered, RenderedFile, RequestedFormat};
use crate::http::response_cache::CachedResponse;
use crate::http::{Accepted, Body, Conditional, Current, Once, Path, Query, Written};
use crate::statistics::formats::dto::Dataset;
use crate::statistics::formats::dto::dictionary::Dictionary;
use crate::statistics::formats::dto::tables::TableList;
use crate::statistics::specs;
use crate::work::Work;

/// Prepare a release
///
/// Starts a build: takes the figures of a year up to a quarter, protects and proves them. Possible from fifteen days
/// after the end of the quarter. The build takes seconds to minutes; the `Location` of the response returns its
/// progress. Nothing is published until a user publishes it. With `trial_spec`, the build tries another specification:
/// compare several by their `utility` before choosing one in the settings. What a build says depends on hidden counts:
/// its caller also holds `activity:read` (403), and a service has 10 trials in a day and 60 in a year (409, with `next_trial_at`).
///
/// With a `reason`, the build replaces the last release of the year. It is made from the published records or, if
/// `records` is `corrected`, from the cases as they are now. The proof then covers both versions, so that comparing
/// the two releases reveals no small count: a cell that changed by less than the threshold is hidden. Records can be
/// corrected once per year (422 `corrected_already`), before the last release of the year (422 `records_unlinked`).
/// After that, the link from records to cases no longer exists, and corrections count in the next year.
#[utoipa::path(post, path = "/v1/services/{id}/statistics-builds", responses(
    (status = 409, description = "The quarter is already published, or the year is already being prepared: see `existing_id`. Or the service has had its trials: see `next_trial_at`.")
))]
pub(super) async fn create_statistics_build(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<StatisticsBuildInput>,
) -> Result<Written<Accepted<StatisticsBuild>>, ApiError> {
    let live = Live::of(&can);
    let create = move |work: &mut Work<'_>, service: Id| ops::request(work, &live, service, &body.0).map(Accepted);
    once.under_object(&context, can, id.0, specs::ops::find_service, create).await
}

/// List the builds of a service
///
/// Returns the builds of a service in any state, newest first. Their measures (`utility`, `proved`, `to_prove`) are for callers
/// who also hold `activity:read`: others get none and 0.
#[utoipa::path(get, path = "/v1/services/{id}/statistics-builds")]
pub(super) async fn list_statistics_builds(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<StatisticsBuildFilter>,
) -> Result<Listed<StatisticsBuildPage>, ApiError> {
    let live = Live::of(&can);
    list.read(&context, can.call(), move |work, list| ops::list(work, (&can.scope, &live), id.0, list)).await
}

/// Get a build
///
/// Returns the progress of a build and, once it is ready, what each tier would publish and hide, and what a threshold
/// alone would have hidden. These measures (`utility`, `proved`, `to_prove`) are for callers who also hold `activity:read`:
/// others get none and 0.
#[utoipa::path(get, path = "/v1/statistics-builds/{id}")]
pub(super) async fn get_statistics_build(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<StatisticsBuild>, ApiError> {
    let live = Live::of(&can);
    context
        .read(can.call(), move |work| ops::get(work, &can.scope, id.0).map(|build| live.shown(build)))
        .await
        .map(Current)
}

/// Preview a release
///
/// Returns the document that a build would publish to a tier, without what signing adds. For the service's own staff: the
/// caller also holds `activity:read` (403).
#[utoipa::path(get, path = "/v1/statistics-builds/{id}/preview", responses(
    (status = 409, description = "The build is not ready, or no longer a draft: see `state`.")
))]
pub(super) async fn preview_statistics_build(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    tier: Query<StatisticsTier>,
) -> Result<Preview<StatisticsReleaseDocument>, ApiError> {
    let (call, live) = (can.call(), Live::of(&can));
    let read = move |work: &mut Work<'_>| ops::preview(work, (&can.scope, &live), id.0, tier.0.tier);
    context.read(call, read).await.map(Preview::new)
}

/// Stop a build
///
/// Stops a build that is queued or running, or discards its draft.
#[utoipa::path(post, path = "/v1/statistics-builds/{id}/cancel", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn cancel_statistics_build(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<StatisticsBuild>>, ApiError> {
    let live = Live::of(&can);
    let cancel = move |work: &mut Work<'_>, row| ops::cancel(work, &row).map(|build| Current(live.shown(build)));
    change.on(&context, can, id.0, ops::find, cancel).await
}

/// Publish a release
///
/// Publishes the releases of a build for both tiers at once: numbers, dates, chains and signs them, and freezes the
/// figures. This cannot be undone: a later release can only replace it, with a reason.
/// The caller also holds `activity:read` (403).
#[utoipa::path(post, path = "/v1/statistics-builds/{id}/publish", responses(
    (status = 409, description = "Not allowed in this state, or the year changed since the figures were taken: prepare it again.")
))]
pub(super) async fn publish_statistics_build(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<StatisticsBuild>>, ApiError> {
    let live = Live::of(&can);
    let publish = move |work: &mut Work<'_>, row: super::store::BuildRow| {
        live.require(row.service_id)?;
        ops::publish(work, &row).map(|build| Current(live.shown(build)))
    };
    change.on(&context, can, id.0, ops::find, publish).await
}

/// List the releases
///
/// Returns the releases of the services that the caller may read, newest first. A release never changes. Use
/// `updated_since` to find new releases and those that they replace.
#[utoipa::path(get, path = "/v1/statistics/releases")]
pub(super) async fn list_statistics_releases(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    list: List<StatisticsReleaseFilter>,
) -> Result<Listed<StatisticsReleasePage>, ApiError> {
    let (call, readers) = (can.call(), Readers::Of(can.scope));
    list.read(&context, call, move |work, list| ops::catalogue(work, &readers, list)).await
}

/// Get a release
///
/// Returns all tables with their dimensions, the protection policy, and the proof that suppressed counts stay unknown.
/// The bytes are those whose SHA-256 the catalogue gives. They are the same for every caller and never change.
#[utoipa::path(get, path = "/v1/statistics/releases/{id}")]
pub(super) async fn get_statistics_release(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Immutable<StatisticsReleaseDocument>, ApiError> {
    read(can, &context, id.0, Part::Document).await.map(Immutable::new)
}

/// Get the dictionary of a release
///
/// Returns the meaning of its codes: every dimension with its values, every table, every status of a cell, how each
/// format shows a hidden cell, and the protection policy in words.
#[utoipa::path(get, path = "/v1/statistics/releases/{id}/dictionary")]
pub(super) async fn get_statistics_dictionary(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Immutable<Dictionary>, ApiError> {
    read(can, &context, id.0, Part::Dictionary).await.map(Immutable::new)
}

/// List the tables of a release
///
/// Returns the code, the name and the dimensions of each table, and how many of its cells show their count. Without the cells,
/// which `/tables/{table}` has.
#[utoipa::path(get, path = "/v1/statistics/releases/{id}/tables")]
pub(super) async fn list_statistics_tables(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Immutable<TableList>, ApiError> {
    read(can, &context, id.0, Part::Tables).await.map(Immutable::new)
}

/// Get a release as a file
///
/// Returns all tables in one file: a workbook to compute with, a workbook to read, an archive of CSV files, or a JSON-stat
/// collection.
#[utoipa::path(get, path = "/v1/statistics/releases/{id}/file")]
pub(super) async fn get_statistics_file(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    id: Path<Id>,
    choice: Query<StatisticsFileChoice>,
    asked: RequestedFormat,
) -> Result<RenderedFile<StatisticsFiles>, ApiError> {
    read(can, &context, id.0, Part::File(choice.0, asked.lang)).await.map(RenderedFile::new)
}

/// Get a table of a release
///
/// Returns the cells of a table with their dimensions and names, in JSON, CSV, XLSX, JSON-stat 2.0, SDMX-CSV 2.0 or
/// SDMX-JSON 2.0. A filter only selects cells; a suppressed cell stays in the response, without its count.
#[utoipa::path(get, path = "/v1/statistics/releases/{id}/tables/{table}", params(
    ("id" = Id, Path, description = "Identifier of the release."),
    ("table" = String, Path, description = "Code of the table.", example = "children")
))]
pub(super) async fn get_statistics_table(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    path: Path2<Id, String>,
    choice: Query<StatisticsTableChoice>,
    asked: RequestedFormat,
) -> Result<Rendered<Dataset>, ApiError> {
    let requested = RequestedTable { table: path.1, choice: choice.0, asked };
    read(can, &context, path.0, Part::Table(requested)).await.map(Rendered::new)
}

/// Get a release with its signature
///
/// Returns a DSSE envelope: the bytes of the release in base64, and their Ed25519 signature by a release key.
/// `passerelle release verify` checks it offline, with the keys of `/v1/statistics/keys`.
#[utoipa::path(get, path = "/v1/statistics/releases/{id}/signed")]
pub(super) async fn get_signed_statistics_release(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Immutable<StatisticsEnvelope>, ApiError> {
    read(can, &context, id.0, Part::Signed).await.map(Immutable::new)
}

/// A part of a release, for a caller with a token.
async fn read(
    can: Can<StatisticsRead>,
    context: &Context,
    id: Id,
    part: Part,
) -> Result<Arc<CachedResponse>, ApiError> {
    let call = can.call();
    Reading::new(context, Readers::Of(can.scope), id).response(context, call, part).await
}
