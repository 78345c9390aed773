//! How a list becomes a response: a page as JSON, or up to 10,000 rows as a spreadsheet.
//!
//! A spreadsheet is read and written in steps, so that only some rows are in memory, and on a blocking thread, so that
//! other requests go on. All steps see the same state of the database, and the journal has one event for them.

use actix_web::body::BoxBody;
use actix_web::http::header::{CONTENT_DISPOSITION, LINK};
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use utoipa::ToSchema;

use super::context::Context;
use super::description::{DescribedResponse, Description};
use super::etag;
use super::export::PermittedExport;
use super::page::{List, Page};
use super::presentation::Presentation;
use super::reply::{tagged, with_tag};
use super::spreadsheet::{File, STEP};
use crate::privacy::MacKey;
use crate::trail::Call;
use crate::work::Work;
use passerelle_base::error::{ApiError, Code};

/// 200 with a page, or with a spreadsheet, and its `Link` header.
#[derive(Debug)]
pub struct Listed<P>(Content<P>);

#[derive(Debug)]
enum Content<P> {
    Page(P),
    File { file: File, next_cursor: Option<String> },
}

impl<T: Send + 'static> List<T> {
    /// Reads the list in one transaction. `f` reads a page; for a spreadsheet, it is called for each step.
    pub async fn read<P, F>(mut self, context: &Context, call: impl Into<Call>, f: F) -> Result<Listed<P>, ApiError>
    where
        P: Page + Send + 'static,
        F: Fn(&mut Work<'_>, &Self) -> Result<P, ApiError> + Send + 'static,
    {
        let Some(export) = self.export.take() else {
            let page = context.read(call, move |work| f(work, &self)).await?;
            return Ok(Listed(Content::Page(page)));
        };
        let export = export.begin().await?;
        let use_case = move |work: &mut Work<'_>| {
            // The permit ends with the transaction: a journal that is slow holds nobody up.
            work.in_snapshot(|work| self.write(export, |list| f(work, list)))
        };
        context.read(call, use_case).await.map(Listed)
    }

    /// Answers with a list that is in memory. `f` selects a page; for a spreadsheet, it is called for each step.
    pub async fn select<P, F>(mut self, f: F) -> Result<Listed<P>, ApiError>
    where
        P: Page + Send + 'static,
        F: Fn(&Self) -> Result<P, ApiError> + Send + 'static,
    {
        let Some(export) = self.export.take() else {
            return f(&self).map(Content::Page).map(Listed);
        };
        let export = export.begin().await?;
        let written = web::block(move || self.write(export, f)).await;
        written.map_err(|_| ApiError::new(Code::Internal))?.map(Listed)
    }

    /// Writes the list as a spreadsheet, in steps.
    fn write<P: Page>(
        mut self,
        export: PermittedExport,
        mut read: impl FnMut(&Self) -> Result<P, ApiError>,
    ) -> Result<Content<P>, ApiError> {
        let whole = self.page.clone();
        let (file, next_cursor) = export.write(|table| {
            let mut left = whole.limit;
            self.page = whole.first(STEP);
            loop {
                let page = read(&self)?;
                table.rows(page.rows())?;
                left -= self.page.limit;
                let next_cursor = page.info().next_cursor.clone();
                match &next_cursor {
                    Some(cursor) if left > 0 => self.page = whole.after_part(left.min(STEP), cursor)?,
                    _ => return Ok(next_cursor),
                }
            }
        })?;
        Ok(Content::File { file, next_cursor })
    }
}

impl<P: Page> Responder for Listed<P> {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let presentation = Presentation::of(req);
        let media_type = presentation.format.media_type();
        let (mut response, next_cursor, body) = match self.0 {
            Content::Page(page) => {
                let (response, body) = tagged(req, None, presentation.page(&page), media_type);
                (response, page.info().next_cursor.clone(), BoxBody::new(body))
            }
            Content::File { file, next_cursor } => {
                let Some(key) = req.app_data::<web::Data<MacKey>>() else {
                    return HttpResponse::InternalServerError().finish();
                };
                match with_tag(req, &etag::tag(key, None, file.bytes()), media_type) {
                    Ok(response) => (response, next_cursor, BoxBody::new(file.into_body())),
                    Err(not_modified) => (not_modified, next_cursor, BoxBody::new(())),
                }
            }
        };
        if let Some(name) = presentation.file_name(req) {
            response.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
        }
        if let Some(cursor) = next_cursor {
            let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(req.query_string()).unwrap_or_default();
            pairs.retain(|(name, _)| name != "cursor");
            pairs.push(("cursor".into(), cursor));
            let query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
            response.insert_header((LINK, format!("<{}?{query}>; rel=\"next\"", req.path())));
        }
        response.body(body)
    }
}

/// The description of every list in the contract.
const LIST_DESCRIPTION: &str = "One page of the list. As a spreadsheet (see `Accept`) it has one column per field; the field `b` of the object \
                    `a` is the column `a.b`. Several values in one cell are separated by `; `; several objects are JSON. CSV \
                    (RFC 4180) uses commas and UTF-8 with a byte order mark. XLSX stores dates and numbers as such, and instants \
                    in UTC. A text that a spreadsheet program would run as a formula gets a leading apostrophe. Without `limit` a \
                    spreadsheet has up to 10,000 rows: `Link` leads to the rest.";

impl<P: Page + ToSchema> DescribedResponse for Listed<P> {
    fn describe(description: &mut Description<'_>) {
        description.success::<P>("200", LIST_DESCRIPTION);
        description.tabular();
        description.sparse();
        description.header("200", "Link", "Path and query of the next page, `rel=\"next\"`; absent on the last page.");
        description.tagged();
    }
}
