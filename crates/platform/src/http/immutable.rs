//! `Immutable<T>`: bytes that never change, with their digest as entity tag. `Preview<T>`: a draft of them. `Revalidated`: a
//! document that changes with the version of the program.

use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, Responder};
use utoipa::ToSchema;

use super::description::{DescribedResponse, Description};
use super::response_cache::CachedResponse;

/// Shared caches must not store the response: its content depends on the caller's services. The caller's own cache
/// never needs to revalidate it.
pub(super) const PRIVATE_IMMUTABLE: &str = "private, max-age=31536000, immutable";

/// 200 with bytes of JSON, described by `T`, or 304.
#[derive(Debug)]
pub struct Immutable<T> {
    response: Arc<CachedResponse>,
    cache_control: &'static str,
    body: PhantomData<fn() -> T>,
}

impl<T> Immutable<T> {
    /// A response that never changes.
    pub fn new(response: Arc<CachedResponse>) -> Self {
        Self { response, cache_control: PRIVATE_IMMUTABLE, body: PhantomData }
    }
}

/// A document that can still change: like [`Immutable`], but `no-store`.
#[derive(Debug)]
pub struct Preview<T>(Immutable<T>);

impl<T> Preview<T> {
    /// A draft, as bytes and their digest in hexadecimal.
    pub fn new((bytes, digest): (Vec<u8>, String)) -> Self {
        let document = Immutable::new(Arc::new(CachedResponse::json(bytes, &digest)));
        Self(Immutable { cache_control: "no-store", ..document })
    }
}

impl<T> Responder for Preview<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        self.0.respond_to(req)
    }
}

impl<T: ToSchema> DescribedResponse for Preview<T> {
    fn describe(description: &mut Description<'_>) {
        description.success::<T>("200", "The draft document. It may still change.");
        description.tagged();
    }
}

impl<T> Responder for Immutable<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        self.response.respond(req, self.cache_control)
    }
}

impl<T: ToSchema> DescribedResponse for Immutable<T> {
    fn describe(description: &mut Description<'_>) {
        description.success::<T>("200", "The document. Its bytes never change.");
        description.tagged();
    }
}

/// 200 with a JSON document that is the same for every caller of this version of the program, or 304. It is compressed once.
#[derive(Debug)]
pub struct Revalidated(pub Arc<CachedResponse>);

impl Responder for Revalidated {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        self.0.respond(req, "no-cache")
    }
}

impl DescribedResponse for Revalidated {
    fn describe(description: &mut Description<'_>) {
        description.any_object("200", "The OpenAPI 3.1 document.");
        description.header("200", "Cache-Control", "`no-cache`: revalidate before each use.");
        description.tagged();
    }
}
