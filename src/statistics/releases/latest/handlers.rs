//! The operations of the last full year.

use std::sync::Arc;

use actix_web::web::Data;

use super::super::dto::{StatisticsFileChoice, StatisticsFiles, StatisticsTableChoice};
use super::super::model::TierCode;
use super::super::reading::{Part, Reading, RequestedTable};
use super::super::store::{self, Readers};
use crate::auth::grants::StatisticsRead;
use crate::db::{Id, SystemScope};
use crate::error::ApiError;
use crate::http::immutable::Immutable;
use crate::http::latest::Latest;
use crate::http::path::Path2;
use crate::http::rendering::{Rendered, RenderedFile, RequestedFormat};
use crate::http::response_cache::CachedResponse;
use crate::http::{Can, Context, Path, Public, Query};
use crate::statistics::formats::dto::Dataset;
use crate::statistics::formats::dto::tables::TableList;
use crate::trail::Call;

/// List the tables of the latest year in open data
///
/// Returns the key figures and the tables of the open release of the last full year of a service: the newest one up to the fourth
/// quarter. The address stays the same when the next year is published. 404 until a full year is published. No token needed.
#[utoipa::path(get, path = "/v1/open-data/services/{id}/latest-year")]
pub(super) async fn list_latest_open_year_tables(
    _: Public,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Latest<Immutable<TableList>>, ApiError> {
    open(&context, id.0, Part::Tables).await.map(|found| found.with("/tables", Immutable::new))
}

/// Get a table of the latest year in open data
///
/// Returns a table of the open release of the last full year of a service, in the formats of a table of a release. The address
/// stays the same when the next year is published: a spreadsheet or a script can keep it. No token needed.
#[utoipa::path(get, path = "/v1/open-data/services/{id}/latest-year/tables/{table}", params(
    ("id" = Id, Path, description = "Identifier of the service."),
    ("table" = String, Path, description = "Code of the table.", example = "children")
))]
pub(super) async fn get_latest_open_year_table(
    _: Public,
    context: Data<Context>,
    path: Path2<Id, String>,
    choice: Query<StatisticsTableChoice>,
    asked: RequestedFormat,
) -> Result<Latest<Rendered<Dataset>>, ApiError> {
    let at = format!("/tables/{}", path.1);
    let requested = RequestedTable { table: path.1, choice: choice.0, asked };
    open(&context, path.0, Part::Table(requested)).await.map(|found| found.with(&at, Rendered::new))
}

/// Get the latest year in open data as a file
///
/// Returns the open release of the last full year of a service as one file. The address stays the same when the next year is
/// published. No token needed.
#[utoipa::path(get, path = "/v1/open-data/services/{id}/latest-year/file")]
pub(super) async fn get_latest_open_year_file(
    _: Public,
    context: Data<Context>,
    id: Path<Id>,
    choice: Query<StatisticsFileChoice>,
    asked: RequestedFormat,
) -> Result<Latest<RenderedFile<StatisticsFiles>>, ApiError> {
    let part = Part::File(choice.0, asked.lang);
    open(&context, id.0, part).await.map(|found| found.with("/file", RenderedFile::new))
}

/// List the tables of the latest year
///
/// Returns the key figures and the tables of the release for partners of the last full year of a service: the newest one up to
/// the fourth quarter. The address stays the same when the next year is published. 404 until a full year is published.
#[utoipa::path(get, path = "/v1/statistics/services/{id}/latest-year")]
pub(super) async fn list_latest_year_tables(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Latest<Immutable<TableList>>, ApiError> {
    of_partner(can, &context, id.0, Part::Tables).await.map(|found| found.with("/tables", Immutable::new))
}

/// Get a table of the latest year
///
/// Returns a table of the release for partners of the last full year of a service, in the formats of a table of a release. The
/// address stays the same when the next year is published.
#[utoipa::path(get, path = "/v1/statistics/services/{id}/latest-year/tables/{table}", params(
    ("id" = Id, Path, description = "Identifier of the service."),
    ("table" = String, Path, description = "Code of the table.", example = "children")
))]
pub(super) async fn get_latest_year_table(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    path: Path2<Id, String>,
    choice: Query<StatisticsTableChoice>,
    asked: RequestedFormat,
) -> Result<Latest<Rendered<Dataset>>, ApiError> {
    let at = format!("/tables/{}", path.1);
    let requested = RequestedTable { table: path.1, choice: choice.0, asked };
    of_partner(can, &context, path.0, Part::Table(requested)).await.map(|found| found.with(&at, Rendered::new))
}

/// Get the latest year as a file
///
/// Returns the release for partners of the last full year of a service as one file. The address stays the same when the next
/// year is published.
#[utoipa::path(get, path = "/v1/statistics/services/{id}/latest-year/file")]
pub(super) async fn get_latest_year_file(
    can: Can<StatisticsRead>,
    context: Data<Context>,
    id: Path<Id>,
    choice: Query<StatisticsFileChoice>,
    asked: RequestedFormat,
) -> Result<Latest<RenderedFile<StatisticsFiles>>, ApiError> {
    let part = Part::File(choice.0, asked.lang);
    of_partner(can, &context, id.0, part).await.map(|found| found.with("/file", RenderedFile::new))
}

/// A part of the release of the last full year, and the path of this release.
struct Found {
    response: Arc<CachedResponse>,
    release: String,
}

impl Found {
    fn with<R>(self, part: &str, response: fn(Arc<CachedResponse>) -> R) -> Latest<R> {
        Latest { response: response(self.response), path: format!("{}{part}", self.release) }
    }
}

async fn open(context: &Context, service: Id, part: Part) -> Result<Found, ApiError> {
    let of = (Readers::Everybody, TierCode::Open, service);
    found(context, SystemScope::OpenData, of, "/v1/open-data/releases", part).await
}

async fn of_partner(can: Can<StatisticsRead>, context: &Context, service: Id, part: Part) -> Result<Found, ApiError> {
    let call = can.call();
    let of = (Readers::Of(can.scope), TierCode::Partner, service);
    found(context, call, of, "/v1/statistics/releases", part).await
}

async fn found(
    context: &Context,
    call: impl Into<Call>,
    (readers, tier, service): (Readers, TierCode, Id),
    root: &str,
    part: Part,
) -> Result<Found, ApiError> {
    let (responses, lookups) = (context.responses.clone(), context.lookups.clone());
    let (id, response) = context
        .read(call, move |work| {
            let id = store::latest_year(work.conn, &readers, tier, service)?;
            Ok((id, Reading::with(responses, lookups, readers, id).read(work, &part)?))
        })
        .await?;
    Ok(Found { response, release: format!("{root}/{id}") })
}
