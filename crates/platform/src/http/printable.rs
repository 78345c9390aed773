//! `Printed<T>`: a document as JSON, as a printable page or as a workbook, depending on `Accept`.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::description::{DescribedResponse, Description};
use super::file::PAGE_POLICY;
use super::media_type::{Format, HTML, JSON, XLSX};
use super::middleware::lang_of;
use super::presentation::Presentation;
use super::reply::tagged;
use super::spreadsheet::{self, Sheet};
use passerelle_base::error::Lang;

/// An upper bound for the size of a document.
const MAX_LENGTH: u32 = 1 << 24;

/// A document that can be printed, or opened in a spreadsheet program.
pub trait Printable: Serialize {
    /// The page in a language; `None` if it could not be rendered.
    fn page(&self, lang: Lang) -> Option<String>;

    /// The sheets of the workbook in a language.
    fn sheets(&self, lang: Lang) -> Vec<Sheet>;

    /// The file name of the workbook without its extension: ASCII letters, digits and hyphens.
    fn file_name(&self) -> String;
}

/// 200 with a document in the media type that `Accept` prefers.
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

impl<T: Printable + ToSchema> DescribedResponse for Printed<T> {
    fn describe(description: &mut Description<'_>) {
        description.success::<T>(
            "200",
            "The document as data, as a printable page or as a workbook, depending on `Accept`. The page and the workbook are in the language of the request.",
        );
        let content = &mut description.operation["responses"]["200"]["content"];
        debug_assert!(content.get(JSON).is_some(), "every response is available as JSON");
        let example = "<!doctype html>\n<html lang=\"fr\">\n<title>Relevé</title>\n</html>\n";
        content[HTML] = json!({"schema": {"type": "string", "maxLength": MAX_LENGTH}, "example": example});
        content[XLSX] = json!({"schema": {"type": "string", "format": "binary", "maxLength": MAX_LENGTH}});
        description.header("200", "Content-Disposition", "File name; workbooks only.");
        description.problem("406", "`Accept` names no media type of this response.");
        description.tagged();
    }
}
