//! The operations of the registry: open data, which need no token and no database.

use super::dto::{Indicator, IndicatorFilter, IndicatorPage, IndicatorVersion};
use super::model;
use super::model::types::Indicator as Entry;
use crate::error::{ApiError, Code};
use crate::http::Public;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{OpenData, Path, Query, Tagged};

/// List indicators
///
/// What each figure of the service counts, by subject: its formula, its class of disclosure control, what it can be split
/// by, whether it adds up. Reports and live values name the version that they follow. No token is needed.
#[utoipa::path(get, path = "/v1/indicators")]
pub(super) async fn list_indicators(
    _: Public,
    list: List<IndicatorFilter>,
) -> Result<OpenData<Listed<IndicatorPage>>, ApiError> {
    list.select(page).await.map(OpenData)
}

/// A page of the indicators.
fn page(list: &List<IndicatorFilter>) -> Result<IndicatorPage, ApiError> {
    let filter = &list.filter;
    let is_listed = |entry: &&Entry| {
        filter.class.as_ref().is_none_or(|classes| classes.contains(&entry.class))
            && filter.source.as_ref().is_none_or(|sources| sources.contains(&entry.source))
            && filter.subject.as_ref().is_none_or(|subjects| subjects.contains(&entry.subject))
            && (filter.all_versions == Some(true) || entry.valid_until.is_none())
    };
    let found: Vec<&'static Entry> = model::all().filter(is_listed).collect();
    let total = found.len();
    // The cursor is a code and a version, not a position: a new version of the program may add indicators.
    let after = list.page.after::<(String, String)>();
    let start = after.map_or(0, |(code, version)| {
        found.iter().position(|one| one.code == code && one.version == version).map_or(total, |at| at + 1)
    });
    let limit = usize::try_from(list.page.fetch()).unwrap_or_default();
    let rest = found.into_iter().skip(start).take(limit).collect();
    let (found, page) = list.page.cut(rest, |one: &&Entry| (one.code, one.version));
    let page = list.page.counted(page, || i64::try_from(total)).map_err(|_| ApiError::new(Code::Internal))?;
    Ok(IndicatorPage { data: found.into_iter().map(Indicator::from).collect(), page })
}

/// Get an indicator
///
/// The version in force, or the one that is asked for. No token is needed.
#[utoipa::path(get, path = "/v1/indicators/{code}", params(
    ("code" = String, Path, description = "Code of the indicator.", example = "children_accompanied")
))]
pub(super) async fn get_indicator(
    _: Public,
    code: Path<String>,
    version: Query<IndicatorVersion>,
) -> Result<OpenData<Tagged<Indicator>>, ApiError> {
    let entry = model::version(&code.0, version.0.version.as_deref()).ok_or_else(ApiError::not_found)?;
    Ok(OpenData(Tagged(entry.into())))
}
