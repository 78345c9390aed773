//! Typed answers: the status is in the type, so that the contract can read it.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, LOCATION, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder, web};
use serde::Serialize;

use super::etag::{self, Versioned};
use super::presentation::{JSON, Presentation};
use crate::privacy::MacKey;

/// 200 with a JSON body. Not to be stored: most answers are personal data; what may be cached says so.
#[derive(Debug)]
pub struct Reply<T>(pub T);

/// 201 with a JSON body and its `Location`.
#[derive(Debug)]
pub struct Created<T>(pub T);

/// 204.
#[derive(Debug)]
pub struct NoContent;

/// 200 with an object as it is now, and its entity tag.
#[derive(Debug)]
pub struct Current<T>(pub T);

/// 200 with an answer that has no version, and its entity tag.
#[derive(Debug)]
pub struct Tagged<T>(pub T);

/// 202: the work goes on; `Location` is where to see how far it is.
#[derive(Debug)]
pub struct Accepted<T>(pub T);

/// Seconds after which looking again makes sense.
pub(super) const LOOK_AGAIN_SECONDS: u32 = 2;

/// Another answer, of open data: any cache may keep it for a day.
#[derive(Debug)]
pub struct OpenData<R>(pub R);

/// Another answer, of open data that never changes: any cache may keep it for ever.
#[derive(Debug)]
pub struct OpenForEver<R>(pub R);

/// Another answer, about nobody, which its caller may keep for five minutes. `private`: what a token sees depends on its
/// services, and a shared cache would give it to another.
#[derive(Debug)]
pub struct Shareable<R>(pub R);

/// A resource that has an address of its own.
pub trait Located {
    /// Its path, from the root.
    fn location(&self) -> String;

    /// Its version, when it has one.
    fn version(&self) -> Option<i32> {
        None
    }
}

/// 200 with a body and its tag, or 304 when the caller has it already. Without a body it could not be written: 500.
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
    let tag = etag::tag(key, version, &body);
    if let Some(known) = etag::known(req, &tag) {
        let mut response = HttpResponse::NotModified();
        response.insert_header((CACHE_CONTROL, "no-store")).insert_header((ETAG, known));
        return (response, Vec::new());
    }
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store")).insert_header((ETAG, tag));
    response.insert_header((CONTENT_TYPE, media_type));
    (response, body)
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
            .insert_header((RETRY_AFTER, LOOK_AGAIN_SECONDS))
            .json(self.0)
    }
}

impl<R: Responder> Responder for OpenData<R> {
    type Body = R::Body;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse<R::Body> {
        kept(self.0.respond_to(req), "public, max-age=86400")
    }
}

impl<R: Responder> Responder for OpenForEver<R> {
    type Body = R::Body;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse<R::Body> {
        kept(self.0.respond_to(req), "public, max-age=31536000, immutable")
    }
}

impl<R: Responder> Responder for Shareable<R> {
    type Body = R::Body;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse<R::Body> {
        kept(self.0.respond_to(req), "private, max-age=300")
    }
}

/// A success that a cache may keep, as said.
fn kept<B>(mut response: HttpResponse<B>, how: &'static str) -> HttpResponse<B> {
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(how));
    }
    response
}

impl Responder for NoContent {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}
