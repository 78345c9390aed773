//! The operations of code lists: open data, which need no token and no database.

use super::dto::{CodeList, CodeListFilter, CodeListPage, CodeListSummary};
use crate::error::{ApiError, Code};
use crate::http::Public;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{OpenData, Path, Tagged};
use crate::nomenclatures::nomenclatures;

/// List code lists
///
/// The lists that the fields marked `x-nomenclature` take their codes from, without the codes; with `expand=codes&limit=500`, all
/// lists with their codes and labels in one call. Read them again when a version changes. No token is needed.
#[utoipa::path(get, path = "/v1/nomenclatures")]
pub(super) async fn list_nomenclatures(
    _: Public,
    list: List<CodeListFilter>,
) -> Result<OpenData<Listed<CodeListPage>>, ApiError> {
    list.select(page).await.map(OpenData)
}

/// A page of the code lists.
fn page(list: &List<CodeListFilter>) -> Result<CodeListPage, ApiError> {
    let after = list.page.after::<String>();
    let lists = nomenclatures().code_lists.iter();
    // The cursor is the name of the last list, not its position: a new version may add lists.
    let start = after.map_or(0, |after| lists.clone().take_while(|list| list.name != after).count() + 1);
    let limit = usize::try_from(list.page.fetch()).unwrap_or_default();
    let (lists, page) = list.page.cut(lists.skip(start).take(limit).collect(), |list| list.name.clone());
    let page = list
        .page
        .counted(page, || i64::try_from(nomenclatures().code_lists.len()))
        .map_err(|_| ApiError::new(Code::Internal))?;
    let shown = if list.filter.expand.is_some() { CodeListSummary::with_codes } else { CodeListSummary::from };
    Ok(CodeListPage { data: lists.into_iter().map(shown).collect(), page })
}

/// Get a code list
///
/// Its codes in display order, with French and English labels. Codes are added and never removed: accept unknown codes, and
/// read the list again when its version changes. No token is needed.
#[utoipa::path(get, path = "/v1/nomenclatures/{list}", params(("list" = String, Path, description = "Name of the code list.")))]
pub(super) async fn get_nomenclature(_: Public, list: Path<String>) -> Result<OpenData<Tagged<CodeList>>, ApiError> {
    let list = nomenclatures().list(&list.0).ok_or_else(ApiError::not_found)?;
    Ok(OpenData(Tagged(list.into())))
}
