//! The requests for pages of open data. Nobody needs a token.

use actix_web::web::Data;

use super::super::reading::{Part, Reading};
use super::super::store::{self, Readers};
use super::list;
use crate::db::{Id, SystemScope};
use crate::error::ApiError;
use crate::http::html_page::OpenPage;
use crate::http::path::Path2;
use crate::http::{Context, Path};

pub(super) async fn list(context: Data<Context>) -> Result<OpenPage, ApiError> {
    let listed = context.read(SystemScope::OpenData, |work| Ok(store::listed(work.conn)?)).await?;
    list::page(&listed).map(OpenPage)
}

pub(super) async fn release(context: Data<Context>, id: Path<Id>) -> Result<OpenPage, ApiError> {
    read(&context, id.0, None).await
}

pub(super) async fn table(context: Data<Context>, path: Path2<Id, String>) -> Result<OpenPage, ApiError> {
    read(&context, path.0, Some(path.1)).await
}

async fn read(context: &Context, id: Id, table: Option<String>) -> Result<OpenPage, ApiError> {
    let part = Part::Page { table, public_url: context.public_url.clone() };
    Reading::new(context, Readers::Everybody, id).response(context, SystemScope::OpenData, part).await.map(OpenPage)
}
