//! `Frozen<T>`: bytes that were written once and never change, with their own digest as entity tag.

use std::marker::PhantomData;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use actix_web::{HttpRequest, HttpResponse, Responder};
use utoipa::ToSchema;

use super::description::{Answer, Description};
use super::etag;
use super::presentation::JSON;

/// What a token sees depends on its services, so no shared cache keeps it; whoever has it never needs to ask again.
pub(super) const FOR_EVER: &str = "private, max-age=31536000, immutable";

/// 200 with bytes of JSON, described by `T`, or 304.
#[derive(Debug)]
pub struct Frozen<T> {
    bytes: Vec<u8>,
    digest: String,
    kept: &'static str,
    described: PhantomData<fn() -> T>,
}

impl<T> Frozen<T> {
    /// Bytes and their digest in hexadecimal.
    pub fn new((bytes, digest): (Vec<u8>, String)) -> Self {
        Self { bytes, digest, kept: FOR_EVER, described: PhantomData }
    }

    /// The same, of what may still change.
    pub fn not_yet((bytes, digest): (Vec<u8>, String)) -> Self {
        Self { kept: "no-store", ..Self::new((bytes, digest)) }
    }
}

impl<T> Responder for Frozen<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let tag = format!("\"{}\"", self.digest);
        if let Some(known) = etag::known(req, &tag) {
            return HttpResponse::NotModified()
                .insert_header((CACHE_CONTROL, self.kept))
                .insert_header((ETAG, known))
                .finish();
        }
        HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, self.kept))
            .insert_header((ETAG, tag))
            .insert_header((CONTENT_TYPE, JSON))
            .body(self.bytes)
    }
}

impl<T: ToSchema> Answer for Frozen<T> {
    fn describe(description: &mut Description<'_>) {
        description.answer::<T>("200", "The document: the same bytes for ever.");
        description.tagged();
    }
}
