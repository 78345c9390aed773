//! `Printed<T>`: a document as JSON, as a page to print or as a workbook, as `Accept` asks.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::description::{Answer, Description};
use super::file::PAGE_POLICY;
use super::middleware::lang_of;
use super::presentation::{Format, HTML, JSON, Presentation, XLSX};
use super::reply::tagged;
use super::spreadsheet::{self, Sheet};
use passerelle_base::error::Lang;

/// More than a document makes.
const LONGEST: u32 = 1 << 24;

/// What can be printed, and opened in a spreadsheet program.
pub trait Printable: Serialize {
    /// The page, in a language; nothing when it could not be written.
    fn page(&self, lang: Lang) -> Option<String>;

    /// The sheets of the workbook, in a language.
    fn sheets(&self, lang: Lang) -> Vec<Sheet>;

    /// The name under which the workbook is saved, without its extension: ASCII letters, digits and hyphens.
    fn file_name(&self) -> String;
}

/// 200 with a document, in the media type that `Accept` likes best.
#[derive(Debug)]
pub struct Printed<T>(pub T);

impl<T: Printable> Responder for Printed<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let (lang, format) = (lang_of(req), Presentation::of(req).format);
        let body = match format {
            Format::Html => self.0.page(lang).map(String::into_bytes),
            Format::Xlsx => spreadsheet::sheets(&self.0.sheets(lang)),
            Format::Json | Format::Csv => serde_json::to_vec(&self.0).ok(),
        };
        let (mut response, body) = tagged(req, None, body, format.media_type());
        match format {
            Format::Html => drop(response.insert_header((CONTENT_SECURITY_POLICY, PAGE_POLICY))),
            Format::Xlsx => {
                let name = format!("attachment; filename=\"{}.xlsx\"", self.0.file_name());
                response.insert_header((CONTENT_DISPOSITION, name));
            }
            Format::Json | Format::Csv => {}
        }
        response.body(body)
    }
}

impl<T: Printable + ToSchema> Answer for Printed<T> {
    fn describe(description: &mut Description<'_>) {
        description.answer::<T>(
            "200",
            "The document: as data, as a page to print or as a workbook, by `Accept`. Page and workbook are in the language of the call.",
        );
        let content = &mut description.operation["responses"]["200"]["content"];
        debug_assert!(content.get(JSON).is_some(), "an answer is JSON first");
        let example = "<!doctype html>\n<html lang=\"fr\">\n<title>Relevé</title>\n</html>\n";
        content[HTML] = json!({"schema": {"type": "string", "maxLength": LONGEST}, "example": example});
        content[XLSX] = json!({"schema": {"type": "string", "format": "binary", "maxLength": LONGEST}});
        description.header("200", "Content-Disposition", "Name of the file; of a workbook alone.");
        description.problem("406", "`Accept` names no media type of this answer.");
        description.tagged();
    }
}
