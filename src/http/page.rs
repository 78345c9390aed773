//! Keyset pages: `limit`, an opaque signed `cursor`, `next_cursor` and a `Link` header.
//!
//! A cursor is the sort key of the last row given, signed, and bound to the list and its filters: it
//! neither skips nor repeats when rows are inserted meanwhile, and cannot be forged or carried to
//! another list.

use std::any::TypeId;
use std::future::{Ready, ready};

use actix_web::http::header::LINK;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, dev, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::openapi::path::ParameterIn;
use utoipa::{IntoParams, ToSchema};

use super::body::contract_of;
use super::description::{Answer, Argument, Description};
use super::query::to_object;
use super::reply::tagged;
use crate::error::{ApiError, Code};
use crate::privacy::MacKey;

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
    after: Option<Value>,
    key: MacKey,
    binding: Vec<u8>,
}

/// Parameters that every list takes.
#[derive(Deserialize, IntoParams)]
#[allow(dead_code, reason = "read from the JSON object; the struct describes them in the contract")]
struct PageParams {
    /// Rows a page holds at most.
    #[param(minimum = 1, maximum = 500, default = 50, example = 50)]
    limit: Option<i64>,
    /// `page.next_cursor` of the page before. Opaque; valid for the same list with the same filters.
    #[param(max_length = 1024)]
    cursor: Option<String>,
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
            fn info(&self) -> &$crate::http::page::PageInfo {
                &self.page
            }
        }
    };
}

/// A page as the responder sees it.
pub trait Page: Serialize {
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
        let next = if more { rows.last().map(|last| self.seal(&json!(key(last)))) } else { None };
        (rows, PageInfo { next_cursor: next, limit: self.limit })
    }

    pub(super) fn seal(&self, key: &Value) -> String {
        let body = key.to_string();
        let tag = self.key.tag(&[&self.binding, body.as_bytes()]);
        format!("{}.{}", URL_SAFE_NO_PAD.encode(body), URL_SAFE_NO_PAD.encode(&tag[..16]))
    }

    fn open(key: &MacKey, binding: &[u8], cursor: &str) -> Option<Value> {
        let (body, tag) = cursor.split_once('.')?;
        let body = URL_SAFE_NO_PAD.decode(body).ok()?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        let expected = key.tag(&[binding, &body]);
        if !crate::privacy::same_bytes(&expected[..16], &tag) {
            return None;
        }
        serde_json::from_slice(&body).ok()
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
    let mut value = to_object(contract, TypeId::of::<List<T>>(), pairs.clone()).map_err(refused)?;
    let faults = contract.faults_of(TypeId::of::<List<T>>(), &value, true)?;
    if !faults.is_empty() {
        return Err(refused(faults));
    }
    let mut take = |name: &str| value.as_object_mut().and_then(|object| object.remove(name));
    let limit = take("limit").and_then(|limit| limit.as_i64()).unwrap_or(DEFAULT_LIMIT);
    let cursor = take("cursor").and_then(|cursor| cursor.as_str().map(str::to_owned));
    let key = req.app_data::<web::Data<MacKey>>().ok_or_else(|| ApiError::new(Code::Internal))?.get_ref().clone();
    pairs.retain(|(name, _)| name != "limit" && name != "cursor");
    let binding = format!("{} {}", req.path(), serde_urlencoded::to_string(&pairs).unwrap_or_default()).into_bytes();
    let after = match cursor {
        None => None,
        Some(cursor) => {
            Some(PageRequest::open(&key, &binding, &cursor).ok_or_else(|| ApiError::new(Code::InvalidCursor))?)
        }
    };
    let filter = serde_json::from_value(value).map_err(|error| {
        log::error!("schema and type disagree for {} at {:?}", std::any::type_name::<T>(), error.classify());
        ApiError::new(Code::InvalidParameters)
    })?;
    Ok(List { filter, page: PageRequest { limit, after, key, binding } })
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
        let (mut response, body) = tagged(req, None, &self.0);
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

impl<P: Page + ToSchema> Answer for Listed<P> {
    fn describe(description: &mut Description<'_>) {
        description.answer::<P>("200", "One page of the list.");
        description.header("200", "Link", "Address of the next page, `rel=\"next\"`; absent on the last one.");
        description.tagged();
    }
}

/// A list without filters.
#[derive(Debug, Deserialize, IntoParams)]
pub struct NoFilter {}

impl QueryParams for NoFilter {}
