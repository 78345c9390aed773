//! The operations of builds and releases.

use std::sync::Arc;

use actix_web::web::Data;

use super::dto::document::{StatisticsEnvelope, StatisticsReleaseDocument};
use super::dto::{
    NewStatisticsBuild, StatisticsBuild, StatisticsBuildFilter, StatisticsBuildPage, StatisticsReleaseFilter,
    StatisticsReleasePage, StatisticsTableChoice, StatisticsTier,
};
use super::ops;
use super::reading::{Part, Reading, Wanted};
use super::store::Readers;
use crate::auth::grants::{StatisticsManage, StatisticsRead};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::answer_cache::CachedAnswer;
use crate::http::immutable::Immutable;
use crate::http::page::{List, Listed};
use crate::http::path::Path2;
use crate::http::rendered::{Rendered, RequestedFormat};
use crate::http::{Accepted, Body, Conditional, Current, Once, Path, Query, Written};
use crate::services;
use crate::services::ops::ServiceRow;
use crate::statistics::formats::dto::Dataset;
use crate::statistics::formats::dto::dictionary::Dictionary;
use crate::work::Work;

/// Prepare a release
///
/// Takes the figures of a year up to a quarter, from fifteen days after its end, and protects and proves them: this takes from
/// seconds to minutes. The answer's `Location` says how far it is. Nothing is published before somebody does. With `trial_spec`, another
/// specification is tried: several can be compared by their `utility`, before the service chooses one in its settings.
///
/// With a `reason` it replaces the last release of the year. It is made from the records that are published or, with `records`
/// `corrected`, from what the cases say now: the proof then reckons with both, so that comparing the two releases tells no small
/// count; what changed by less than the threshold is hidden. Once a year (`corrected_already`), and before its last release: then
/// nothing tells any more what the records were made from (`records_unlinked`), and what is corrected counts in the next year.
#[utoipa::path(post, path = "/v1/services/{id}/statistics-builds", responses(
    (status = 409, description = "The quarter is published already, or the year is being prepared: see `existing_id`.")
))]
pub(super) async fn create_statistics_build(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<NewStatisticsBuild>,
) -> Result<Written<Accepted<StatisticsBuild>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| services::ops::find(work, &can.scope, id.0);
    let create = move |work: &mut Work<'_>, service: ServiceRow| ops::create(work, service.id(), &body.0).map(Accepted);
    once.under(&context, call, find, create).await
}

/// List the builds of a service
///
/// What was prepared, the latest first: published, given up, or not yet.
#[utoipa::path(get, path = "/v1/services/{id}/statistics-builds")]
pub(super) async fn list_statistics_builds(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<StatisticsBuildFilter>,
) -> Result<Listed<StatisticsBuildPage>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, id.0, &list)).await.map(Listed)
}

/// Get a build
///
/// How far it is and, once it is ready, what each tier would show and hide, and what a threshold alone would have hidden.
#[utoipa::path(get, path = "/v1/statistics-builds/{id}")]
pub(super) async fn get_statistics_build(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<StatisticsBuild>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Preview a release
///
/// The document that a build would publish to a tier, but for what signing adds. For the service's own staff.
#[utoipa::path(get, path = "/v1/statistics-builds/{id}/preview", responses(
    (status = 409, description = "It is not ready, or not a draft any more: see `state`.")
))]
pub(super) async fn preview_statistics_build(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    tier: Query<StatisticsTier>,
) -> Result<Immutable<StatisticsReleaseDocument>, ApiError> {
    let call = can.call();
    let read = move |work: &mut Work<'_>| ops::preview(work, &can.scope, id.0, tier.0.tier);
    context.read(call, read).await.map(Immutable::not_yet)
}

/// Stop a build
///
/// Stops it while it is made, or gives its draft up.
#[utoipa::path(post, path = "/v1/statistics-builds/{id}/cancel", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn cancel_statistics_build(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<StatisticsBuild>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::cancel(work, &row).map(Current)).await
}

/// Publish a release
///
/// Numbers, dates, chains and freezes what the build found, for both tiers at once. It cannot be taken back: a later release can
/// only replace it, with its reason.
#[utoipa::path(post, path = "/v1/statistics-builds/{id}/publish", responses(
    (status = 409, description = "Out of turn, or the year changed since the figures were taken: prepare it again.")
))]
pub(super) async fn publish_statistics_build(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<StatisticsBuild>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::publish(work, &row).map(Current)).await
}

/// List the releases
///
/// The catalogue of the services that the caller may read, the latest release first. A release never changes: what is new is
/// found by `updated_since`, with what it replaces.
#[utoipa::path(get, path = "/v1/statistics/releases")]
pub(super) async fn list_statistics_releases(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    list: List<StatisticsReleaseFilter>,
) -> Result<Listed<StatisticsReleasePage>, ApiError> {
    context.read(can.call(), move |work| ops::catalogue(work, &Readers::Of(can.scope), &list)).await.map(Listed)
}

/// Get a release
///
/// All its tables, with their dimensions, its rule of protection and the proof that what is suppressed stays unknown. The bytes are
/// those whose SHA-256 the catalogue gives; they are the same for everybody and for ever.
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
/// What its codes mean: every dimension with its values, every table, every status of a cell, how each format shows a hidden one,
/// and the rule of protection in words.
#[utoipa::path(get, path = "/v1/statistics/releases/{id}/dictionary")]
pub(super) async fn get_statistics_dictionary(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Immutable<Dictionary>, ApiError> {
    read(can, &context, id.0, Part::Dictionary).await.map(Immutable::new)
}

/// Get a table of a release
///
/// Its cells with their dimensions and names, in JSON, CSV, XLSX, JSON-stat 2.0, SDMX-CSV 2.0 or SDMX-JSON 2.0. A filter only selects
/// cells of the one release; a suppressed cell stays, without its count.
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
    let wanted = Wanted { table: path.1, choice: choice.0, asked };
    read(can, &context, path.0, Part::Table(wanted)).await.map(Rendered::new)
}

/// Get a release with its signature
///
/// A DSSE envelope: the bytes of the release in base64, and their Ed25519 signature by a release key. `passerelle release verify` checks it
/// without this service, with the keys of `/v1/statistics/keys`.
#[utoipa::path(get, path = "/v1/statistics/releases/{id}/signed")]
pub(super) async fn get_signed_statistics_release(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Immutable<StatisticsEnvelope>, ApiError> {
    read(can, &context, id.0, Part::Signed).await.map(Immutable::new)
}

/// A part of a release as the holder of a token reads it.
async fn read(can: Can<StatisticsRead>, context: &Context, id: Id, part: Part) -> Result<Arc<CachedAnswer>, ApiError> {
    let call = can.call();
    Reading::new(context, Readers::Of(can.scope), id).answer(context, call, part).await
}
