//! The operations of territories: open data, which need no token and no database.

use super::dto::{Territory, TerritoryFilter, TerritoryPage};
use crate::error::{ApiError, Code};
use crate::http::Public;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::path::Path2;
use crate::http::{OpenData, Tagged};
use crate::territories::{Filter, Position, TerritoryKind, VINTAGE, current_commune, territories};

/// List territories
///
/// The administrative map of the year, largest level first, then by code; by relevance if `name` is given. No token is
/// needed. A name or a postal code helps to find a territory but does not identify it: store its kind and its code.
#[utoipa::path(get, path = "/v1/territories")]
pub(super) async fn list_territories(
    _: Public,
    list: List<TerritoryFilter>,
) -> Result<OpenData<Listed<TerritoryPage>>, ApiError> {
    list.select(page).await.map(OpenData)
}

/// A page of the territories.
fn page(list: &List<TerritoryFilter>) -> Result<TerritoryPage, ApiError> {
    let after = match list.page.after::<(String, u32)>() {
        None => None,
        // Positions belong to the map of one year: reject the cursor of another year.
        Some((vintage, _)) if vintage != VINTAGE => return Err(ApiError::new(Code::InvalidCursor)),
        Some((_, position)) => Some(Position::from(position)),
    };
    let filter = Filter {
        kinds: list.filter.kind.as_deref().unwrap_or_default(),
        parent: list.filter.parent.as_ref().and_then(|key| territories().find(key)),
        postal_code: list.filter.postal_code.as_deref(),
        name: list.filter.name.as_deref(),
    };
    let limit = usize::try_from(list.page.fetch()).unwrap_or_default();
    let found = territories().list(&filter, after, limit);
    let (items, page) = list.page.cut(found.items, |territory| (VINTAGE, u32::from(territory.position)));
    let page = list.page.counted(page, || i64::try_from(found.total)).map_err(|_| ApiError::new(Code::Internal))?;
    Ok(TerritoryPage { data: items.into_iter().map(Territory::from).collect(), page })
}

/// Get a territory
///
/// One territory by its level and official code, with the territories that contain it and the source of the data. The code
/// of a municipal arrondissement or of a delegated, associated or former commune gives its commune. No token is needed.
#[utoipa::path(get, path = "/v1/territories/{kind}/{code}", params(
    ("kind" = String, Path, description = "Level of the territory."),
    ("code" = String, Path, description = "Official code: INSEE, or SIREN for an EPCI.")
))]
pub(super) async fn get_territory(
    _: Public,
    path: Path2<TerritoryKind, String>,
) -> Result<OpenData<Tagged<Territory>>, ApiError> {
    let code = match path.0 {
        TerritoryKind::Commune => current_commune(&path.1).ok_or_else(ApiError::not_found)?,
        _ => &path.1,
    };
    let territory = territories().get(path.0, code).ok_or_else(ApiError::not_found)?;
    Ok(OpenData(Tagged(territory.into())))
}
