//! A list that never ends: the last page gives a cursor too, to continue from later.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::page::PageRequest;
use passerelle_base::error::{ApiError, Code};

/// Where a page stands in a feed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FeedInfo {
    /// Give it back as `cursor` for what follows, now or later. Keep it: it is the place where you are.
    #[schema(max_length = 1024, example = "Mw.c2lnbmVkLCBub3QgcmVhZA")]
    pub next_cursor: String,
    /// Whether more follows already: ask again at once.
    #[schema(example = false)]
    pub has_more: bool,
    /// Rows a page holds at most.
    #[schema(minimum = 1, maximum = 500, example = 50)]
    pub limit: i64,
    /// Changes that the caller may see from the first to the present one, when `include_total` asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, example = 2041)]
    pub total: Option<i64>,
}

/// Cuts the extra row. The cursor stands after the last row given or, when that was all, at the end that was known
/// before the rows were read.
pub fn cut<R>(
    page: &PageRequest,
    mut rows: Vec<R>,
    position: impl Fn(&R) -> i64,
    end: i64,
) -> Result<(Vec<R>, FeedInfo), ApiError> {
    let limit = usize::try_from(page.limit).unwrap_or_default();
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let place = if has_more { rows.last().map_or(end, position) } else { end };
    let next_cursor = page.seal(&json!(place)).ok_or_else(|| ApiError::new(Code::Internal))?;
    Ok((rows, FeedInfo { next_cursor, has_more, limit: page.limit, total: None }))
}
