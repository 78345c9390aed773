//! The operations of open data.

use std::sync::Arc;

use actix_web::web::Data;

use super::super::dto::document::{StatisticsEnvelope, StatisticsReleaseDocument};
use super::super::dto::{OpenStatisticsReleaseFilter, StatisticsReleasePage, StatisticsTableChoice};
use super::super::ops;
use super::super::reading::{Part, Reading, Wanted};
use super::super::store::Readers;
use crate::auth::PrincipalId;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Context;
use crate::http::Public;
use crate::http::answer_cache::CachedAnswer;
use crate::http::immutable::Immutable;
use crate::http::page::{List, Listed};
use crate::http::path::Path2;
use crate::http::rendered::{Rendered, RequestedFormat};
use crate::http::{OpenForEver, Path, Query};
use crate::statistics::formats::dto::Dataset;
use crate::statistics::formats::dto::dictionary::Dictionary;

/// List the open releases
///
/// The releases that everybody may read, of every service, the latest first. No token needed. A release never changes: what
/// is new is found by `updated_since`, with what it replaces.
#[utoipa::path(get, path = "/v1/open-data/releases")]
pub(super) async fn list_open_statistics_releases(
    _: Public,
    context: Data<Context>,
    list: List<OpenStatisticsReleaseFilter>,
) -> Result<Listed<StatisticsReleasePage>, ApiError> {
    let List { filter, page } = list;
    let list = List { filter: filter.into(), page };
    context.read(PrincipalId::Local, move |work| ops::catalogue(work, &Readers::Everybody, &list)).await.map(Listed)
}

/// Get an open release
///
/// All its tables, with their dimensions, its rule of protection and the proof that what is suppressed stays unknown. No token
/// needed: the same bytes for everybody and for ever.
#[utoipa::path(get, path = "/v1/open-data/releases/{id}")]
pub(super) async fn get_open_statistics_release(
    _: Public,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<OpenForEver<Immutable<StatisticsReleaseDocument>>, ApiError> {
    read(&context, id.0, Part::Document).await.map(|answer| OpenForEver(Immutable::new(answer)))
}

/// Get the dictionary of an open release
///
/// What its codes mean: every dimension with its values, every table, every status of a cell, how each format shows a hidden one,
/// and the rule of protection in words. No token needed.
#[utoipa::path(get, path = "/v1/open-data/releases/{id}/dictionary")]
pub(super) async fn get_open_statistics_dictionary(
    _: Public,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<OpenForEver<Immutable<Dictionary>>, ApiError> {
    read(&context, id.0, Part::Dictionary).await.map(|answer| OpenForEver(Immutable::new(answer)))
}

/// Get a table of an open release
///
/// Its cells with their dimensions and names, in JSON, CSV, XLSX, JSON-stat 2.0, SDMX-CSV 2.0 or SDMX-JSON 2.0. No token needed. A
/// filter only selects cells of the one release; a suppressed cell stays, without its count.
#[utoipa::path(get, path = "/v1/open-data/releases/{id}/tables/{table}", params(
    ("id" = Id, Path, description = "Identifier of the release."),
    ("table" = String, Path, description = "Code of the table.", example = "children")
))]
pub(super) async fn get_open_statistics_table(
    _: Public,
    context: Data<Context>,
    path: Path2<Id, String>,
    choice: Query<StatisticsTableChoice>,
    asked: RequestedFormat,
) -> Result<OpenForEver<Rendered<Dataset>>, ApiError> {
    let wanted = Wanted { table: path.1, choice: choice.0, asked };
    read(&context, path.0, Part::Table(wanted)).await.map(|drawing| OpenForEver(Rendered::new(drawing)))
}

/// Get an open release with its signature
///
/// A DSSE envelope: the bytes of the release in base64, and their Ed25519 signature by a release key. `passerelle release verify` checks it
/// without this service, with the keys of `/v1/statistics/keys`. No token needed.
#[utoipa::path(get, path = "/v1/open-data/releases/{id}/signed")]
pub(super) async fn get_signed_open_statistics_release(
    _: Public,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<OpenForEver<Immutable<StatisticsEnvelope>>, ApiError> {
    read(&context, id.0, Part::Signed).await.map(|answer| OpenForEver(Immutable::new(answer)))
}

/// A part of a release as anybody reads it.
async fn read(context: &Context, id: Id, part: Part) -> Result<Arc<CachedAnswer>, ApiError> {
    Reading::new(context, Readers::Everybody, id).answer(context, PrincipalId::Local, part).await
}
