//! `Rendered<T>`: one set of figures in the format that the caller asks for, the same for ever.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, dev};
use serde_json::json;
use utoipa::ToSchema;

use super::answer_cache::CachedAnswer;
use super::description::{Answer, Argument, Description};
use super::immutable::FOR_EVER;
use super::middleware::lang_of;
use super::presentation::{CSV, Format, Presentation};
use passerelle_base::error::Lang;

/// More than a drawing makes.
const LONGEST: u32 = 1 << 24;

/// What `Accept` likes best of the media types that every answer knows; a query parameter may say more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreferredFormat {
    /// JSON, or nothing in particular.
    Json,
    /// CSV.
    Csv,
    /// A workbook.
    Xlsx,
}

/// How a drawing is asked for by the headers. The contract describes it with the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestedFormat {
    /// In which format, unless a query parameter says another.
    pub liked: PreferredFormat,
    /// In which language.
    pub lang: Lang,
}

impl FromRequest for RequestedFormat {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    /// Who may call, the first argument of every handler, has settled the presentation by now.
    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let liked = match Presentation::of(req).format {
            Format::Csv => PreferredFormat::Csv,
            Format::Xlsx => PreferredFormat::Xlsx,
            Format::Json | Format::Html => PreferredFormat::Json,
        };
        ready(Ok(Self { liked, lang: lang_of(req) }))
    }
}

impl Argument for RequestedFormat {
    fn describe(_: &mut Description<'_>) {}
}

/// What can be drawn: its JSON in the contract.
pub trait Renderable: ToSchema {
    /// The media types beside JSON.
    const OTHERS: &'static [&'static str];
}

/// 200 with a drawing of a `T`, or 304.
#[derive(Debug)]
pub struct Rendered<T> {
    drawing: Arc<CachedAnswer>,
    drawn: PhantomData<fn() -> T>,
}

impl<T> Rendered<T> {
    /// Answers with a drawing.
    pub fn new(drawing: Arc<CachedAnswer>) -> Self {
        Self { drawing, drawn: PhantomData }
    }
}

impl<T> Responder for Rendered<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        self.drawing.respond(req, FOR_EVER)
    }
}

impl<T: Renderable> Answer for Rendered<T> {
    fn describe(description: &mut Description<'_>) {
        description.answer::<T>("200", "The figures, in the format asked for: the same for ever.");
        for media_type in T::OTHERS {
            let name = media_type.split(';').next().unwrap_or_default();
            let content = if name.ends_with("+json") {
                json!({"schema": {"type": "object", "additionalProperties": true}, "example": {"version": "2.0"}})
            } else if name == CSV {
                let example = "period,period_label,value,status\r\n2025,Année 2025,31,published\r\n";
                json!({"schema": {"type": "string", "maxLength": LONGEST}, "example": example})
            } else {
                json!({"schema": {"type": "string", "format": "binary", "maxLength": LONGEST}})
            };
            description.operation["responses"]["200"]["content"][name] = content;
        }
        description.header("200", "Content-Disposition", "Name of the file.");
        description.problem("406", "`Accept` names no media type of this answer.");
        description.tagged();
    }
}
