//! Typed responses: the type has the status, so that the contract can describe it.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, LOCATION, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder, web};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::description::{DescribedResponse, Description};
use super::etag::{self, Versioned};
use super::media_type::JSON;
use super::presentation::Presentation;
use crate::privacy::MacKey;
use passerelle_base::error::ApiError;

/// 200 with a JSON body. `no-store`: most responses hold personal data; the types of cacheable ones say so.
#[derive(Debug)]
pub struct Reply<T>(pub T);

/// 201 with a JSON body and its `Location`.
#[derive(Debug)]
pub struct Created<T>(pub T);

/// 204.
#[derive(Debug)]
pub struct NoContent;

/// 200 with the current state of an object, and its entity tag.
#[derive(Debug)]
pub struct Current<T>(pub T);

/// 200 with a body that has no version, and its entity tag.
#[derive(Debug)]
pub struct Tagged<T>(pub T);

/// 202 with a JSON body: processing continues in the background, and `Location` reports its progress.
#[derive(Debug)]
pub struct Accepted<T>(pub T);

/// Seconds to wait before polling an [`Accepted`] object again.
pub(super) const POLL_AFTER_SECONDS: u32 = 2;

/// A response of open data: any cache may store it for a day.
#[derive(Debug)]
pub struct OpenData<R>(pub R);

/// A response of open data that never changes: any cache may store it indefinitely.
#[derive(Debug)]
pub struct ImmutableOpenData<R>(pub R);

/// A response without personal data: the caller may cache it for five minutes. `private`, because the caller's services
/// decide what it contains: a shared cache could return it to a caller of another service.
#[derive(Debug)]
pub struct PrivatelyCached<R>(pub R);

/// An object with a path of its own.
pub trait Located {
    /// Its path, from the root.
    fn location(&self) -> String;

    /// Its version, if it has one.
    fn version(&self) -> Option<i32> {
        None
    }
}

/// [`Versioned`] and [`Located`] for a type with the fields `id` and `version`, whose path ends with the identifier:
/// `resource!(KitItem at "/v1/kit-items/")`.
#[macro_export]
macro_rules! resource {
    ($type:ident at $path:literal) => {
        $crate::versioned!($type);

        impl $crate::http::reply::Located for $type {
            fn location(&self) -> String {
                format!(concat!($path, "{}"), self.id)
            }

            fn version(&self) -> Option<i32> {
                Some(self.version)
            }
        }
    };
}

/// 200 with a body and its tag, or 304 if the caller already holds that tag. `None` means that the body could not be
/// serialised: 500.
pub(super) fn tagged(
    req: &HttpRequest,
    version: Option<i32>,
    body: Option<Vec<u8>>,
    media_type: &'static str,
) -> (HttpResponseBuilder, Vec<u8>) {
    let Some(body) = body else { return (HttpResponse::InternalServerError(), Vec::new()) };
    let Some(key) = req.app_data::<web::Data<MacKey>>() else {
        return (HttpResponse::InternalServerError(), Vec::new());
    };
    match with_tag(req, &etag::tag(key, version, &body), media_type) {
        Ok(response) => (response, body),
        Err(not_modified) => (not_modified, Vec::new()),
    }
}

/// 200 with a tag, or the 304 if the caller already holds that tag.
pub(super) fn with_tag(
    req: &HttpRequest,
    tag: &str,
    media_type: &'static str,
) -> Result<HttpResponseBuilder, HttpResponseBuilder> {
    if let Some(matching) = etag::matching(req, tag) {
        let mut response = HttpResponse::NotModified();
        response.insert_header((CACHE_CONTROL, "no-store")).insert_header((ETAG, matching));
        return Err(response);
    }
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store")).insert_header((ETAG, tag));
    response.insert_header((CONTENT_TYPE, media_type));
    Ok(response)
}

impl<T: Serialize + Versioned> Responder for Current<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let body = Presentation::of(req).object(&self.0);
        let (mut response, body) = tagged(req, Some(self.0.version()), body, JSON);
        response.body(body)
    }
}

impl<T: Serialize> Responder for Tagged<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let body = Presentation::of(req).object(&self.0);
        let (mut response, body) = tagged(req, None, body, JSON);
        response.body(body)
    }
}

impl<T: Serialize> Responder for Reply<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(self.0)
    }
}

impl<T: Serialize + Located> Responder for Created<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Created()
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((LOCATION, self.0.location()))
            .json(self.0)
    }
}

impl<T: Serialize + Located> Responder for Accepted<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Accepted()
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((LOCATION, self.0.location()))
            .insert_header((RETRY_AFTER, POLL_AFTER_SECONDS))
            .json(self.0)
    }
}

impl<R: Responder> Responder for OpenData<R> {
    type Body = R::Body;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse<R::Body> {
        with_cache_control(self.0.respond_to(req), "public, max-age=86400")
    }
}

impl<R: Responder> Responder for ImmutableOpenData<R> {
    type Body = R::Body;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse<R::Body> {
        with_cache_control(self.0.respond_to(req), "public, max-age=31536000, immutable")
    }
}

impl<R: Responder> Responder for PrivatelyCached<R> {
    type Body = R::Body;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse<R::Body> {
        with_cache_control(self.0.respond_to(req), "private, max-age=300")
    }
}

/// Sets `Cache-Control` on a success or a 304. An error keeps its own.
fn with_cache_control<B>(mut response: HttpResponse<B>, value: &'static str) -> HttpResponse<B> {
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(value));
    }
    response
}

impl Responder for NoContent {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

impl<T: DescribedResponse> DescribedResponse for Result<T, ApiError> {
    fn describe(description: &mut Description<'_>) {
        T::describe(description);
    }
}

impl<T: ToSchema> DescribedResponse for Reply<T> {
    fn describe(description: &mut Description<'_>) {
        description.success::<T>("200", "The requested data.");
    }
}

impl<T: ToSchema> DescribedResponse for Current<T> {
    fn describe(description: &mut Description<'_>) {
        description.success::<T>("200", "The current state of the object.");
        description.sparse();
        description.tagged();
    }
}

impl<T: ToSchema> DescribedResponse for Tagged<T> {
    fn describe(description: &mut Description<'_>) {
        description.success::<T>("200", "The requested data.");
        description.sparse();
        description.tagged();
    }
}

impl<T: ToSchema> DescribedResponse for Created<T> {
    fn describe(description: &mut Description<'_>) {
        description.success::<T>("201", "Created. `Location` is the path of the new object.");
        description.header("201", "Location", "Path of the new object.");
        description.header("201", "ETag", "Entity tag of the new object; absent if the object has no version.");
    }
}

impl<T: ToSchema> DescribedResponse for Accepted<T> {
    fn describe(description: &mut Description<'_>) {
        let text = "Accepted. Processing continues in the background: poll `Location` for its progress.";
        description.success::<T>("202", text);
        description.header("202", "Location", "Path of the object that reports the progress.");
        description.header("202", "Retry-After", "Seconds to wait before polling again.");
        description.header("202", "ETag", "Current entity tag of the object.");
    }
}

impl<R: DescribedResponse> DescribedResponse for OpenData<R> {
    fn describe(description: &mut Description<'_>) {
        R::describe(description);
        let text = "`public, max-age=86400`: open data, which any cache may store for a day.";
        description.header("200", "Cache-Control", text);
    }
}

impl<R: DescribedResponse> DescribedResponse for ImmutableOpenData<R> {
    fn describe(description: &mut Description<'_>) {
        R::describe(description);
        let text = "`public, max-age=31536000, immutable`: open data that never changes; any cache may store it.";
        description.header("200", "Cache-Control", text);
    }
}

impl<R: DescribedResponse> DescribedResponse for PrivatelyCached<R> {
    fn describe(description: &mut Description<'_>) {
        R::describe(description);
        let text = "`private, max-age=300`: no personal data; the caller may cache it for five minutes.";
        description.header("200", "Cache-Control", text);
    }
}

impl DescribedResponse for NoContent {
    fn describe(description: &mut Description<'_>) {
        description.operation["responses"]["204"] = json!({"description": "Done. The response has no body."});
    }
}
