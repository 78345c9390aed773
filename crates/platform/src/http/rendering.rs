//! `Rendered<T>`: a set of figures that never changes, in the format that the caller requests.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, dev};
use serde_json::json;
use utoipa::ToSchema;

use super::description::{Argument, DescribedResponse, Description};
use super::immutable::PRIVATE_IMMUTABLE;
use super::media_type::{CSV, Format};
use super::middleware::lang_of;
use super::presentation::Presentation;
use super::response_cache::CachedResponse;
use passerelle_base::error::Lang;

/// An upper bound for the size of a rendering.
const MAX_LENGTH: u32 = 1 << 24;

/// The format that `Accept` prefers among the common ones; a query parameter may request another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreferredFormat {
    /// JSON, or no preference.
    Json,
    /// CSV.
    Csv,
    /// A workbook.
    Xlsx,
}

/// The rendering that the headers request. The contract describes it with the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestedFormat {
    /// The format, unless a query parameter requests another.
    pub format: PreferredFormat,
    /// The language.
    pub lang: Lang,
}

impl FromRequest for RequestedFormat {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    /// The first argument of the handler, which states who may call, has already read the presentation.
    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let format = match Presentation::of(req).format {
            Format::Csv => PreferredFormat::Csv,
            Format::Xlsx => PreferredFormat::Xlsx,
            Format::Json | Format::Html => PreferredFormat::Json,
        };
        ready(Ok(Self { format, lang: lang_of(req) }))
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
        self.response.respond(req, PRIVATE_IMMUTABLE)
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
        description.problem("406", "`Accept` names no media type of this response.");
        description.tagged();
    }
}
