//! The operations of open data.

use std::sync::Arc;

use actix_web::web::Data;

use super::super::dto::document::{StatisticsEnvelope, StatisticsReleaseDocument};
use super::super::dto::{
    OpenStatisticsReleaseFilter, StatisticsFileChoice, StatisticsFiles, StatisticsReleasePage, StatisticsTableChoice,
};
use super::super::ops;
use super::super::reading::{Part, Reading, RequestedTable};
use super::super::store::{self, Readers};
use super::catalogue;
use crate::db::{Id, SystemScope};
use crate::error::ApiError;
use crate::http::Context;
use crate::http::Public;
use crate::http::file::LinkedData;
use crate::http::immutable::Immutable;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::path::Path2;
use crate::http::rendering::{Rendered, RenderedFile, RequestedFormat};
use crate::http::response_cache::CachedResponse;
use crate::http::{ImmutableOpenData, Path, Query};
use crate::statistics::formats::dto::Dataset;
use crate::statistics::formats::dto::dictionary::Dictionary;
use crate::statistics::formats::dto::tables::TableList;

/// List the open releases
///
/// Returns the releases of all services that everybody may read, newest first. No token needed. A release never
/// changes. Use `updated_since` to find new releases and those that they replace.
#[utoipa::path(get, path = "/v1/open-data/releases")]
pub(super) async fn list_open_statistics_releases(
    _: Public,
    context: Data<Context>,
    list: List<OpenStatisticsReleaseFilter>,
) -> Result<Listed<StatisticsReleasePage>, ApiError> {
    let list = list.with_filter(Into::into);
    list.read(&context, SystemScope::OpenData, move |work, list| ops::catalogue(work, &Readers::Everybody, list)).await
}

/// Get the catalogue of open data
///
/// Returns the open releases that nothing replaces as a DCAT-AP catalogue in JSON-LD, which portals of open data harvest: each
/// release with its files, its licence and its period. The newest 200; the list of open releases has them all. No token needed.
#[utoipa::path(get, path = "/v1/open-data/catalogue")]
pub(super) async fn get_open_data_catalogue(_: Public, context: Data<Context>) -> Result<LinkedData, ApiError> {
    let listed = context.read(SystemScope::OpenData, |work| Ok(store::listed(work.conn)?)).await?;
    Ok(LinkedData(catalogue::of(&listed, &context.public_url)))
}

/// Get an open release
///
/// Returns all tables with their dimensions, the protection policy, and the proof that suppressed counts stay unknown.
/// No token needed. The bytes are the same for every caller and never change.
#[utoipa::path(get, path = "/v1/open-data/releases/{id}")]
pub(super) async fn get_open_statistics_release(
    _: Public,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<ImmutableOpenData<Immutable<StatisticsReleaseDocument>>, ApiError> {
    read(&context, id.0, Part::Document).await.map(|response| ImmutableOpenData(Immutable::new(response)))
}

/// Get the dictionary of an open release
///
/// Returns the meaning of its codes: every dimension with its values, every table, every status of a cell, how each
/// format shows a hidden cell, and the protection policy in words. No token needed.
#[utoipa::path(get, path = "/v1/open-data/releases/{id}/dictionary")]
pub(super) async fn get_open_statistics_dictionary(
    _: Public,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<ImmutableOpenData<Immutable<Dictionary>>, ApiError> {
    read(&context, id.0, Part::Dictionary).await.map(|response| ImmutableOpenData(Immutable::new(response)))
}

/// List the tables of an open release
///
/// Returns the code, the name and the dimensions of each table, and how many of its cells show their count. Without the cells,
/// which `/tables/{table}` has. No token needed.
#[utoipa::path(get, path = "/v1/open-data/releases/{id}/tables")]
pub(super) async fn list_open_statistics_tables(
    _: Public,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<ImmutableOpenData<Immutable<TableList>>, ApiError> {
    read(&context, id.0, Part::Tables).await.map(|response| ImmutableOpenData(Immutable::new(response)))
}

/// Get an open release as a file
///
/// Returns all tables in one file: a workbook to compute with, a workbook to read, an archive of CSV files, or a JSON-stat
/// collection. No token needed.
#[utoipa::path(get, path = "/v1/open-data/releases/{id}/file")]
pub(super) async fn get_open_statistics_file(
    _: Public,
    context: Data<Context>,
    id: Path<Id>,
    choice: Query<StatisticsFileChoice>,
    asked: RequestedFormat,
) -> Result<ImmutableOpenData<RenderedFile<StatisticsFiles>>, ApiError> {
    read(&context, id.0, Part::File(choice.0, asked.lang))
        .await
        .map(|response| ImmutableOpenData(RenderedFile::new(response)))
}

/// Get a table of an open release
///
/// Returns the cells of a table with their dimensions and names, in JSON, CSV, XLSX, JSON-stat 2.0, SDMX-CSV 2.0 or
/// SDMX-JSON 2.0. No token needed. A filter only selects cells; a suppressed cell stays in the response, without its
/// count.
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
) -> Result<ImmutableOpenData<Rendered<Dataset>>, ApiError> {
    let requested = RequestedTable { table: path.1, choice: choice.0, asked };
    read(&context, path.0, Part::Table(requested)).await.map(|drawing| ImmutableOpenData(Rendered::new(drawing)))
}

/// Get an open release with its signature
///
/// Returns a DSSE envelope: the bytes of the release in base64, and their Ed25519 signature by a release key.
/// `passerelle release verify` checks it offline, with the keys of `/v1/statistics/keys`. No token needed.
#[utoipa::path(get, path = "/v1/open-data/releases/{id}/signed")]
pub(super) async fn get_signed_open_statistics_release(
    _: Public,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<ImmutableOpenData<Immutable<StatisticsEnvelope>>, ApiError> {
    read(&context, id.0, Part::Signed).await.map(|response| ImmutableOpenData(Immutable::new(response)))
}

/// A part of a release, for a caller without a token.
async fn read(context: &Context, id: Id, part: Part) -> Result<Arc<CachedResponse>, ApiError> {
    Reading::new(context, Readers::Everybody, id).response(context, SystemScope::OpenData, part).await
}
