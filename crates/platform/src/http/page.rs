//! Keyset pages: `limit`, an opaque `cursor`, `next_cursor`, a `Link` header, the total on request.
//!
//! A cursor is the sort key of the last row given, sealed, and bound to the list, its order and its filters: it
//! neither skips nor repeats when rows are inserted meanwhile, and cannot be forged or carried to
//! another list. It is not bound to whoever got it: it holds a place and no right, and the scope is in the SQL of
//! every page.

use std::any::TypeId;
use std::future::{Ready, ready};

use actix_web::http::header::{CONTENT_DISPOSITION, LINK};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, dev, web};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::openapi::path::ParameterIn;
use utoipa::{IntoParams, ToSchema};

use super::body::contract_of;
use super::cursor;
use super::description::{Answer, Argument, Description};
use super::presentation::{Format, Presentation, PresentationFaults};
use super::query::{presented, to_object};
use super::reply::tagged;
use super::spreadsheet;
use crate::privacy::MacKey;
use passerelle_base::error::{ApiError, Code};

/// Rows a page holds when the caller does not say.
pub const DEFAULT_LIMIT: i64 = 50;

/// A type of query parameters. Types that the parameters refer to are added to the contract here.
pub trait QueryParams {
    /// Adds the schemas that the parameters refer to.
    fn collect_schemas(_: &mut Description<'_>) {}
}

/// The parameters of a list: its filters, and which page.
#[derive(Debug)]
pub struct List<T> {
    /// The list's own filters.
    pub filter: T,
    /// Which page.
    pub page: PageRequest,
}

/// Which page of a list.
#[derive(Clone, Debug)]
pub struct PageRequest {
    pub(super) limit: i64,
    total: bool,
    after: Option<Value>,
    key: MacKey,
    binding: Vec<u8>,
}

/// Parameters that every list takes.
#[derive(Deserialize, IntoParams)]
#[allow(dead_code, reason = "read from the JSON object; the struct describes them in the contract")]
struct PageParams {
    /// Rows a page holds at most: 50 unless said, and 10,000 in a spreadsheet.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `page.next_cursor` of the page before. Opaque; valid for the same list in the same order with the same filters.
    #[param(max_length = 1024)]
    cursor: Option<String>,
    /// Whether `page.total` says how many rows the whole list has. It costs a count: ask on the first page.
    #[param(default = false, example = true)]
    include_total: Option<bool>,
}

/// Where a page stands in its list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PageInfo {
    /// Give it back as `cursor` for the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub next_cursor: Option<String>,
    /// Rows a page holds at most.
    #[schema(example = 50)]
    pub limit: i64,
    /// Rows of the whole list; there with `include_total=true` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false, minimum = 0)]
    pub total: Option<i64>,
}

/// Declares the concrete page of an item: utoipa would inline a generic one.
#[macro_export]
macro_rules! page {
    ($(#[$meta:meta])* $name:ident of $item:ty) => {
        $(#[$meta])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// The rows of this page.
            pub data: Vec<$item>,
            /// Where this page stands in the list.
            pub page: $crate::http::page::PageInfo,
        }
        impl $crate::http::page::Page for $name {
            type Row = $item;

            fn rows(&self) -> &[$item] {
                &self.data
            }

            fn info(&self) -> &$crate::http::page::PageInfo {
                &self.page
            }
        }
    };
}

/// A page as the responder sees it.
pub trait Page: Serialize {
    /// What it holds.
    type Row: Serialize;

    /// The rows.
    fn rows(&self) -> &[Self::Row];

    /// Where it stands.
    fn info(&self) -> &PageInfo;
}

/// 200 with a page and its `Link` header.
#[derive(Debug)]
pub struct Listed<P>(pub P);

impl PageRequest {
    /// Rows to fetch: one more than the page holds, which tells whether another page follows.
    pub fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// The sort key after which the page begins.
    pub fn after<K: DeserializeOwned>(&self) -> Option<K> {
        self.after.clone().and_then(|after| serde_json::from_value(after).ok())
    }

    /// Cuts the extra row and makes the next cursor from the last row's sort key.
    pub fn cut<R, K: Serialize>(&self, mut rows: Vec<R>, key: impl Fn(&R) -> K) -> (Vec<R>, PageInfo) {
        let limit = usize::try_from(self.limit).unwrap_or_default();
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().and_then(|last| self.seal(&json!(key(last)))) } else { None };
        (rows, PageInfo { next_cursor: next, limit: self.limit, total: None })
    }

    /// Adds the number of rows of the whole list when the caller asks for it: `count` has the scope and the filters
    /// of the page.
    pub fn counted<E>(&self, info: PageInfo, count: impl FnOnce() -> Result<i64, E>) -> Result<PageInfo, E> {
        Ok(PageInfo { total: if self.total { Some(count()?) } else { None }, ..info })
    }

    /// Whether the caller asks for the number of rows of the whole list.
    pub fn wants_total(&self) -> bool {
        self.total
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
    let refused = |faults| ApiError::faults(Code::InvalidParameters, faults);
    let mut pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(req.query_string()).map_err(|_| ApiError::new(Code::InvalidParameters))?;
    pairs.sort();
    let contract = contract_of(req)?;
    let (mut pairs, PresentationFaults { mut faults, .. }) = presented(req, pairs)?;
    let mut value = to_object(contract, TypeId::of::<List<T>>(), pairs.clone()).map_err(refused)?;
    faults.extend(contract.faults_of(TypeId::of::<List<T>>(), &value, true)?);
    if !faults.is_empty() {
        return Err(refused(faults));
    }
    let mut take = |name: &str| value.as_object_mut().and_then(|object| object.remove(name));
    let usual = if Presentation::of(req).format == Format::Json { DEFAULT_LIMIT } else { spreadsheet::ROWS };
    let limit = take("limit").and_then(|limit| limit.as_i64()).unwrap_or(usual);
    let total = take("include_total").is_some_and(|total| total == true);
    let cursor = take("cursor").and_then(|cursor| cursor.as_str().map(str::to_owned));
    let key = req.app_data::<web::Data<MacKey>>().ok_or_else(|| ApiError::new(Code::Internal))?.get_ref().clone();
    // What tells which rows in which order; how many, and how they are shown, may change from page to page.
    pairs.retain(|(name, _)| !["limit", "cursor", "include_total"].contains(&name.as_str()));
    let binding = format!("{} {}", req.path(), serde_urlencoded::to_string(&pairs).unwrap_or_default()).into_bytes();
    let after = match cursor {
        None => None,
        Some(cursor) => Some(cursor::open(&key, &binding, &cursor).ok_or_else(|| ApiError::new(Code::InvalidCursor))?),
    };
    let filter = serde_json::from_value(value).map_err(|error| {
        log::error!("schema and type disagree for {} at {:?}", std::any::type_name::<T>(), error.classify());
        ApiError::new(Code::InvalidParameters)
    })?;
    Ok(List { filter, page: PageRequest { limit, total, after, key, binding } })
}

impl<T: QueryParams + IntoParams + 'static> Argument for List<T> {
    fn describe(description: &mut Description<'_>) {
        let provider = || Some(ParameterIn::Query);
        let mut parameters = T::into_params(provider);
        parameters.extend(PageParams::into_params(provider));
        T::collect_schemas(description);
        description.query::<Self>(&parameters);
    }
}

impl<P: Page> Responder for Listed<P> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let shown = Presentation::of(req);
        let (mut response, body) = tagged(req, None, shown.page(req, &self.0), shown.format.media_type());
        if let Some(name) = shown.file_name(req) {
            response.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
        }
        if let Some(cursor) = &self.0.info().next_cursor {
            let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(req.query_string()).unwrap_or_default();
            pairs.retain(|(name, _)| name != "cursor");
            pairs.push(("cursor".into(), cursor.clone()));
            let query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
            response.insert_header((LINK, format!("<{}?{query}>; rel=\"next\"", req.path())));
        }
        response.body(body)
    }
}

/// What the contract says of every list.
const SAID: &str = "One page of the list. As a spreadsheet (by `Accept`) it has a column a field, named `a.b` for the field `b` of the \
                    object `a`; several values are separated by `; `, several objects are JSON. CSV has commas and UTF-8 with its \
                    mark (RFC 4180); XLSX has dates and numbers as such, and instants in UTC. A text that a spreadsheet would run \
                    as a formula begins with an apostrophe. Without `limit` it holds up to 10,000 rows: `Link` leads to the rest.";

impl<P: Page + ToSchema> Answer for Listed<P> {
    fn describe(description: &mut Description<'_>) {
        description.answer::<P>("200", SAID);
        description.tabular();
        description.sparse();
        description.header("200", "Link", "Address of the next page, `rel=\"next\"`; absent on the last one.");
        description.tagged();
    }
}

/// A list without filters.
#[derive(Debug, Deserialize, IntoParams)]
pub struct NoFilter {}

impl QueryParams for NoFilter {}
