//! Keyset pages: `limit`, an opaque `cursor`, `next_cursor`, a `Link` header, the total on request. How a list becomes a
//! response, as JSON or as a spreadsheet, is in `http::listed`.
//!
//! A cursor is the sort key of the last row of a page, sealed and bound to the list, its order, its filters and the
//! services whose rows the caller sees. No row is skipped or repeated when others are inserted between two pages, and a
//! cursor can be neither forged nor used for another list. It grants no right, since the SQL of every page has the
//! caller's scope; but where it points among one's own rows tells what it holds, so that a cursor which another caller
//! lost is refused.

use std::any::TypeId;
use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev, web};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::access::Reader;
use super::contract::Contract;
use super::cursor;
use super::description::{Argument, Description};
use super::export::Export;
use super::presentation::PresentationReport;
use super::query::{in_query, pairs_of, split_presentation, to_object, typed};
use super::spreadsheet;
use crate::privacy::MacKey;
use passerelle_base::error::{ApiError, Code};
use passerelle_base::values::Id;

pub use super::page_info::{Page, PageInfo};

/// Rows per page when the caller gives no `limit`.
pub const DEFAULT_LIMIT: i64 = 50;

/// The parameters of a list: its filters, and the requested page.
#[derive(Debug)]
pub struct List<T> {
    /// The filters of the list.
    pub filter: T,
    /// The requested page.
    pub page: PageRequest,
    /// The spreadsheet, if the caller requests one.
    pub(super) export: Option<Export>,
}

impl<T> List<T> {
    /// The list with other filters.
    pub fn with_filter<U>(self, f: impl FnOnce(T) -> U) -> List<U> {
        List { filter: f(self.filter), page: self.page, export: self.export }
    }
}

/// The requested page of a list.
#[derive(Clone, Debug)]
pub struct PageRequest {
    pub(super) limit: i64,
    total: bool,
    only: Option<Vec<Id>>,
    after: Option<Value>,
    key: MacKey,
    binding: Vec<u8>,
}

/// Parameters that every list takes.
#[derive(Deserialize, IntoParams)]
#[allow(dead_code, reason = "read from the JSON object; the struct describes them in the contract")]
struct PageParams {
    /// Maximum number of rows per page. Default: 50, or 10,000 in a spreadsheet.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `page.next_cursor` of the previous page. Opaque; valid for the same list with the same order and filters, for
    /// callers with access to the same services. If that access changes, start again without it.
    #[param(max_length = 1024)]
    cursor: Option<String>,
    /// Whether to return `page.total`, the number of rows in the whole list. It costs a count: request it on the first
    /// page only.
    #[param(default = false, example = true)]
    include_total: Option<bool>,
}

impl PageRequest {
    /// Rows to fetch: one more than `limit`, to know whether another page follows.
    pub fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// The sort key after which the page starts.
    pub fn after<K: DeserializeOwned>(&self) -> Option<K> {
        self.after.clone().and_then(|after| serde_json::from_value(after).ok())
    }

    /// The identifiers of the rows that the caller asks for with `id`; `None` for all rows.
    pub fn only(&self) -> Option<&[Id]> {
        self.only.as_deref()
    }

    /// Removes the extra row and makes the next cursor from the sort key of the last row.
    pub fn cut<R, K: Serialize>(&self, mut rows: Vec<R>, key: impl Fn(&R) -> K) -> (Vec<R>, PageInfo) {
        let limit = usize::try_from(self.limit).unwrap_or_default();
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = if has_more { rows.last().and_then(|last| self.seal(&json!(key(last)))) } else { None };
        (rows, PageInfo { next_cursor: next, limit: self.limit, total: None })
    }

    /// Adds the number of rows in the whole list if the caller requests it. `count` must use the scope and the filters
    /// of the page.
    pub fn counted<E>(&self, info: PageInfo, count: impl FnOnce() -> Result<i64, E>) -> Result<PageInfo, E> {
        Ok(PageInfo { total: if self.total { Some(count()?) } else { None }, ..info })
    }

    /// Whether the caller requests the number of rows in the whole list.
    pub fn wants_total(&self) -> bool {
        self.total
    }

    /// The first part of this page, at most this many rows. Without the total, which would be counted for each part.
    pub(super) fn first(&self, rows: i64) -> Self {
        Self { limit: self.limit.min(rows), total: false, ..self.clone() }
    }

    /// The part of this page that follows the cursor of another part.
    pub(super) fn after_part(&self, rows: i64, cursor: &str) -> Result<Self, ApiError> {
        let after = cursor::open(&self.key, &self.binding, cursor).ok_or_else(|| ApiError::new(Code::Internal))?;
        Ok(Self { after: Some(after), ..self.first(rows) })
    }

    pub(super) fn seal(&self, sort_key: &Value) -> Option<String> {
        cursor::seal(&self.key, &self.binding, sort_key)
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for List<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(read(req))
    }
}

fn read<T: DeserializeOwned + 'static>(req: &HttpRequest) -> Result<List<T>, ApiError> {
    let export = Export::requested(req)?;
    let default = if export.is_some() { spreadsheet::ROWS } else { DEFAULT_LIMIT };
    let (filter, page) = read_parameters(req, TypeId::of::<List<T>>(), default)?;
    Ok(List { filter: typed(filter)?, page, export })
}

/// The filter of a list as JSON, and its page.
fn read_parameters(req: &HttpRequest, list: TypeId, default: i64) -> Result<(Value, PageRequest), ApiError> {
    let invalid = |faults| ApiError::faults(Code::InvalidParameters, faults);
    let mut pairs = pairs_of(req)?;
    pairs.sort();
    let contract = Contract::of(req)?;
    let (mut pairs, PresentationReport { mut faults, .. }) = split_presentation(req, pairs)?;
    let mut value = to_object(contract, list, pairs.clone()).map_err(invalid)?;
    faults.extend(contract.faults_of(list, &value, true)?);
    if !faults.is_empty() {
        return Err(invalid(faults));
    }
    let mut take = |name: &str| value.as_object_mut().and_then(|object| object.remove(name));
    let limit = take("limit").and_then(|limit| limit.as_i64()).unwrap_or(default);
    // The filters of lists whose rows have identifiers declare it.
    let only = take("id").and_then(|ids| serde_json::from_value(ids).ok());
    let total = take("include_total").is_some_and(|total| total == true);
    let cursor = take("cursor").and_then(|cursor| cursor.as_str().map(str::to_owned));
    let key = req.app_data::<web::Data<MacKey>>().ok_or_else(|| ApiError::new(Code::Internal))?.get_ref().clone();
    // The parameters that select and order the rows. The limit and the presentation may change from page to page.
    pairs.retain(|(name, _)| !["limit", "cursor", "include_total"].contains(&name.as_str()));
    let binding = binding(req, &pairs);
    let after = match cursor {
        None => None,
        Some(cursor) => Some(cursor::open(&key, &binding, &cursor).ok_or_else(|| ApiError::new(Code::InvalidCursor))?),
    };
    Ok((value, PageRequest { limit, total, only, after, key, binding }))
}

/// What a cursor is bound to: whose rows the list shows, its path, and the parameters that select and order them.
/// Identifiers are in one form.
fn binding(req: &HttpRequest, pairs: &[(String, String)]) -> Vec<u8> {
    let plain = |text: &str| text.parse::<Id>().map_or_else(|_| text.to_owned(), |id| id.to_string());
    let each = |text: &str, separator: &str| text.split(separator).map(plain).collect::<Vec<_>>().join(separator);
    let pairs: Vec<(&str, String)> = pairs.iter().map(|(name, value)| (name.as_str(), each(value, ","))).collect();
    let extensions = req.extensions();
    let reader = extensions.get::<Reader>().map_or("", |reader| &reader.0);
    let parameters = serde_urlencoded::to_string(&pairs).unwrap_or_default();
    format!("{reader} {} {parameters}", each(req.path(), "/")).into_bytes()
}

impl<T: IntoParams + ToSchema + 'static> Argument for List<T> {
    fn describe(description: &mut Description<'_>) {
        let mut parameters = T::into_params(in_query);
        parameters.extend(PageParams::into_params(in_query));
        description.referred_by::<T>();
        description.query::<Self>(&parameters);
    }
}

/// A list without filters.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct NoFilter {}
