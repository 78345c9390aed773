//! `Drawn<T>`: one set of figures in the format that the caller asks for, the same for ever.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde_json::json;
use utoipa::ToSchema;

use super::description::{Answer, Description};
use super::frozen::FOR_EVER;
use super::middleware::lang_of;
use super::presentation::{CSV, Format, Presentation};
use super::reply::tagged;
use crate::error::Lang;

/// More than a drawing makes.
const LONGEST: u32 = 1 << 24;

/// What `Accept` likes best of the media types that every answer knows; a query parameter may say more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liked {
    /// JSON, or nothing in particular.
    Json,
    /// CSV.
    Csv,
    /// A workbook.
    Xlsx,
}

/// A drawing.
#[derive(Debug)]
pub struct Drawing {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their media type.
    pub media_type: &'static str,
    /// The name under which it is saved: ASCII letters, digits, points and hyphens.
    pub file_name: String,
}

/// What can be drawn.
pub trait Drawable {
    /// What its JSON is in the contract.
    type Described: ToSchema;

    /// The media types beside JSON.
    const OTHERS: &'static [&'static str];

    /// Its drawing; nothing when it could not be written.
    fn draw(&self, liked: Liked, lang: Lang) -> Option<Drawing>;
}

/// 200 with a drawing, or 304.
#[derive(Debug)]
pub struct Drawn<T>(pub T);

impl<T: Drawable> Responder for Drawn<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let liked = match Presentation::of(req).format {
            Format::Csv => Liked::Csv,
            Format::Xlsx => Liked::Xlsx,
            Format::Json | Format::Html => Liked::Json,
        };
        let Some(drawing) = self.0.draw(liked, lang_of(req)) else {
            return HttpResponse::InternalServerError().finish();
        };
        let (mut response, body) = tagged(req, None, Some(drawing.bytes), drawing.media_type);
        response.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", drawing.file_name)));
        let mut response = response.body(body);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
        response
    }
}

impl<T: Drawable> Answer for Drawn<T> {
    fn describe(description: &mut Description<'_>) {
        description.answer::<T::Described>("200", "The figures, in the format asked for: the same for ever.");
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
