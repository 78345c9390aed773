//! `Printed<T>`: a document as JSON, as a printable page or as a workbook, depending on `Accept`.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, dev};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::context::Context;
use super::description::{Argument, DescribedResponse, Description};
use super::edge::Edge;
use super::file::PAGE_POLICY;
use super::media_type::{Format, HTML, JSON, XLSX};
use super::middleware::lang_of;
use super::presentation::Presentation;
use super::reply::tagged;
use super::spreadsheet::{self, Sheet};
use crate::trail::Call;
use crate::work::Work;
use passerelle_base::error::{ApiError, Code, Lang};

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

/// The form in which the caller wants a document. The contract describes it with the response.
pub struct Printing {
    format: Format,
    lang: Lang,
    edge: Data<Edge>,
}

impl FromRequest for Printing {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    /// The first argument of the handler, which states who may call, has already read the presentation.
    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let edge = req.app_data::<Data<Edge>>().cloned().ok_or_else(|| ApiError::new(Code::Internal));
        ready(edge.map(|edge| Self { format: Presentation::of(req).format, lang: lang_of(req), edge }))
    }
}

impl Argument for Printing {
    fn describe(_: &mut Description<'_>) {}
}

impl Printing {
    /// Reads a document and renders it, on a blocking thread. A page or a workbook is an export: 429 if others take too
    /// long.
    pub async fn read<T, F>(self, context: &Context, call: impl Into<Call>, f: F) -> Result<Printed<T>, ApiError>
    where
        T: Printable + Send + 'static,
        F: FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
    {
        let permit = match self.format {
            Format::Html | Format::Xlsx => Some(self.edge.begin_export().await?),
            _ => None,
        };
        let render = move |work: &mut Work<'_>| {
            let _permit = permit;
            let document = f(work)?;
            let body = match self.format {
                Format::Html => document.page(self.lang).map(String::into_bytes),
                Format::Xlsx => spreadsheet::sheets(&document.sheets(self.lang)),
                _ => serde_json::to_vec(&document).ok(),
            };
            Ok(Printed { body, format: self.format, file_name: document.file_name(), document: PhantomData })
        };
        context.read(call, render).await
    }
}

/// 200 with a document in the media type that `Accept` prefers.
#[derive(Debug)]
pub struct Printed<T> {
    body: Option<Vec<u8>>,
    format: Format,
    file_name: String,
    document: PhantomData<fn() -> T>,
}

impl<T: Printable> Responder for Printed<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let (mut response, body) = tagged(req, None, self.body, self.format.media_type());
        match self.format {
            Format::Html => drop(response.insert_header((CONTENT_SECURITY_POLICY, PAGE_POLICY))),
            Format::Xlsx => {
                let name = format!("attachment; filename=\"{}.xlsx\"", self.file_name);
                response.insert_header((CONTENT_DISPOSITION, name));
            }
            _ => {}
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
        description.exported();
        description.tagged();
    }
}
