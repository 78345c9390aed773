//! `Rendered<T>`: a set of figures that never changes, in the format that the caller requests. `RenderedFile<F>`: the same as
//! a file that is not the JSON of the contract.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::http::header::{CONTENT_LANGUAGE, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, dev};
use serde_json::json;
use utoipa::ToSchema;

use super::description::{Argument, DescribedResponse, Description};
use super::immutable::PRIVATE_IMMUTABLE;
use super::media_type::CSV;
pub use super::media_type::Format;
use super::middleware::lang_of;
use super::presentation::Presentation;
use super::response_cache::CachedResponse;
use passerelle_base::error::Lang;

/// An upper bound for the size of a rendering.
const MAX_LENGTH: u32 = 1 << 24;

/// The rendering that the headers request. The contract describes it with the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestedFormat {
    /// The format, unless a query parameter requests another.
    pub format: Format,
    /// The language.
    pub lang: Lang,
}

impl FromRequest for RequestedFormat {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    /// The first argument of the handler, which states who may call, has already read the presentation.
    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(Ok(Self { format: Presentation::of(req).format, lang: lang_of(req) }))
    }
}

impl Argument for RequestedFormat {
    fn describe(_: &mut Description<'_>) {}
}

/// Figures that can be rendered in several formats; the schema is that of their JSON.
pub trait Renderable: ToSchema {
    /// The media types other than JSON.
    const OTHER_MEDIA_TYPES: &'static [&'static str];
}

/// 200 with a rendering of a `T`, or 304.
#[derive(Debug)]
pub struct Rendered<T> {
    response: Arc<CachedResponse>,
    figures: PhantomData<fn() -> T>,
}

impl<T> Rendered<T> {
    /// A response with a rendering.
    pub fn new(response: Arc<CachedResponse>) -> Self {
        Self { response, figures: PhantomData }
    }
}

impl<T> Responder for Rendered<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let mut response = self.response.respond(req, PRIVATE_IMMUTABLE);
        // Labels follow `Accept-Language`, so a cache must keep the languages apart.
        response.headers_mut().insert(CONTENT_LANGUAGE, HeaderValue::from_static(lang_of(req).tag()));
        response
    }
}

impl<T: Renderable> DescribedResponse for Rendered<T> {
    fn describe(description: &mut Description<'_>) {
        description.success::<T>("200", "The figures in the requested format. They never change.");
        for media_type in T::OTHER_MEDIA_TYPES {
            let name = media_type.split(';').next().unwrap_or_default();
            let content = if name.ends_with("+json") {
                json!({"schema": {"type": "object", "additionalProperties": true}, "example": {"version": "2.0"}})
            } else if name == CSV {
                let example = "period,period_label,value,status\r\n2025,Année 2025,31,published\r\n";
                json!({"schema": {"type": "string", "maxLength": MAX_LENGTH}, "example": example})
            } else {
                json!({"schema": {"type": "string", "format": "binary", "maxLength": MAX_LENGTH}})
            };
            description.operation["responses"]["200"]["content"][name] = content;
        }
        description.header("200", "Content-Disposition", "File name.");
        description.header("200", "Content-Language", "Language of the labels: `fr` or `en`.");
        description.problem("406", "`Accept` names no media type of this response.");
        description.tagged();
    }
}

/// Files of which a parameter chooses the kind.
pub trait Files {
    /// Their media types, and what each is.
    const MEDIA_TYPES: &'static [(&'static str, &'static str)];
}

/// 200 with a file that never changes, one of `F`, or 304.
#[derive(Debug)]
pub struct RenderedFile<F> {
    response: Arc<CachedResponse>,
    kinds: PhantomData<fn() -> F>,
}

impl<F> RenderedFile<F> {
    /// A response with a file.
    pub fn new(response: Arc<CachedResponse>) -> Self {
        Self { response, kinds: PhantomData }
    }
}

impl<F> Responder for RenderedFile<F> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        Rendered::<F>::new(self.response).respond_to(req)
    }
}

impl<F: Files> DescribedResponse for RenderedFile<F> {
    fn describe(description: &mut Description<'_>) {
        let kinds: Vec<&str> = F::MEDIA_TYPES.iter().map(|(_, kind)| *kind).collect();
        let content = F::MEDIA_TYPES.iter().map(|(name, _)| {
            let content = if name.ends_with("json") {
                json!({"schema": {"type": "object", "additionalProperties": true}, "example": {"version": "2.0"}})
            } else {
                json!({"schema": {"type": "string", "format": "binary", "maxLength": MAX_LENGTH}})
            };
            ((*name).to_owned(), content)
        });
        description.operation["responses"]["200"] = json!({
            "description": format!("The file: {}. It never changes.", kinds.join(", ")),
            "content": content.collect::<serde_json::Map<_, _>>(),
        });
        description.header("200", "Content-Disposition", "File name.");
        description.header("200", "Content-Language", "Language of the labels: `fr` or `en`.");
        description.tagged();
    }
}
