//! Feeds: lists whose last page has a cursor too, from which to continue later.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::page::PageRequest;
use crate::restores::{Epochs, Place};
use passerelle_base::error::{ApiError, Code};

/// The position of a page in a feed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FeedInfo {
    /// Value of `cursor` for the changes that follow, now or later. Store it: it is the caller's position in the feed.
    #[schema(max_length = 1024, example = "Mw.c2lnbmVkLCBub3QgcmVhZA")]
    pub next_cursor: String,
    /// Whether more changes are available: if so, request the next page at once.
    #[schema(example = false)]
    pub has_more: bool,
    /// Maximum number of rows per page.
    #[schema(minimum = 1, maximum = 500, example = 50)]
    pub limit: i64,
    /// Number of changes that the caller may see, from the first to the latest; present only with `include_total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, minimum = 0, example = 2041, required = false)]
    pub total: Option<i64>,
}

/// The position after which a page begins: that of its cursor, or 0. Refuses a cursor that is past the point to which
/// the database was restored, with the cursor to begin again.
pub fn after(page: &PageRequest, epochs: &Epochs) -> Result<i64, ApiError> {
    let Some(place) = page.after::<Place>() else { return Ok(0) };
    epochs.position(&place).map_err(|past| {
        let Some(cursor) = page.seal(&json!(past.from)) else { return ApiError::new(Code::Internal) };
        let error = ApiError::new(Code::FeedRestored).with("next_cursor", cursor);
        match past.restored_at {
            Some(restored_at) => error.with("restored_at", restored_at.to_string()),
            None => error,
        }
    })
}

/// Removes the extra row. The cursor is after the last row of the page or, on the last page, at `end`, the end of the
/// feed as it was before the rows were read.
pub fn cut<R>(
    page: &PageRequest,
    mut rows: Vec<R>,
    position: impl Fn(&R) -> i64,
    end: i64,
    epochs: &Epochs,
) -> Result<(Vec<R>, FeedInfo), ApiError> {
    let limit = usize::try_from(page.limit).unwrap_or_default();
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let place = if has_more { rows.last().map_or(end, position) } else { end };
    let next_cursor = page.seal(&json!(epochs.place(place))).ok_or_else(|| ApiError::new(Code::Internal))?;
    Ok((rows, FeedInfo { next_cursor, has_more, limit: page.limit, total: None }))
}
