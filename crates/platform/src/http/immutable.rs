//! `Immutable<T>`: bytes that were written once and never change, with their own digest as entity tag.

use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, Responder};
use utoipa::ToSchema;

use super::answer_cache::CachedAnswer;
use super::description::{Answer, Description};

/// What a token sees depends on its services, so no shared cache keeps it; whoever has it never needs to ask again.
pub(super) const FOR_EVER: &str = "private, max-age=31536000, immutable";

/// 200 with bytes of JSON, described by `T`, or 304.
#[derive(Debug)]
pub struct Immutable<T> {
    answer: Arc<CachedAnswer>,
    cache_control: &'static str,
    described: PhantomData<fn() -> T>,
}

impl<T> Immutable<T> {
    /// What never changes.
    pub fn new(answer: Arc<CachedAnswer>) -> Self {
        Self { answer, cache_control: FOR_EVER, described: PhantomData }
    }

    /// The same, of what may still change: bytes and their digest in hexadecimal.
    pub fn not_yet((bytes, digest): (Vec<u8>, String)) -> Self {
        Self { cache_control: "no-store", ..Self::new(Arc::new(CachedAnswer::json(bytes, &digest))) }
    }
}

impl<T> Responder for Immutable<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        self.answer.respond(req, self.cache_control)
    }
}

impl<T: ToSchema> Answer for Immutable<T> {
    fn describe(description: &mut Description<'_>) {
        description.answer::<T>("200", "The document: the same bytes for ever.");
        description.tagged();
    }
}
