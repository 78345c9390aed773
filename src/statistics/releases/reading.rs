//! Reading releases: documents, signatures, dictionaries, tables.
//!
//! A release never changes and is never deleted (the database refuses it). So each response is made once and cached in
//! memory, under a key that starts with the SHA-256 of the document. The database decides whether the caller may read
//! the release. Permission for a set of services never expires, so it is cached too, keyed by the caller's current
//! services. A caller who loses a service gets a different key.

use std::sync::Arc;

use super::dto::{StatisticsFileChoice, StatisticsTableChoice};
use super::store::{self, Readers};
use super::{pages, prepare};
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Lang, Text};
use crate::http::Context;
use crate::http::lookup_cache::LookupCache;
use crate::http::rendering::RequestedFormat;
use crate::http::response_cache::{CachedResponse, ResponseCache};
use crate::privacy::sha256 as digest;
use crate::statistics::formats::dto::dictionary::Dictionary;
use crate::statistics::formats::dto::tables::TableList;
use crate::statistics::formats::metadata;
use crate::statistics::formats::{Error, Media, Selection, SelectionError, render};
use crate::text::hex;
use crate::trail::Call;
use crate::work::Work;
use passerelle_disclosure::document::Release;
use passerelle_disclosure::envelope::envelope;

/// A release, its readers, and the caches.
pub(super) struct Reading {
    id: Id,
    readers: Readers,
    responses: ResponseCache,
    lookups: LookupCache,
}

/// A part of a release that can be read.
pub(super) enum Part {
    /// The release as published.
    Document,
    /// The release with its signature, as a file that can be checked offline.
    Signed,
    /// What the codes of the release mean.
    Dictionary,
    /// The tables of the release, without their cells.
    Tables,
    /// A table of the release.
    Table(RequestedTable),
    /// The whole release as a file, with its labels in a language.
    File(StatisticsFileChoice, Lang),
    /// The page of the release, or of a table of it, with its own address in it.
    Page { table: Option<String>, public_url: String },
}

/// A requested table.
pub(super) struct RequestedTable {
    /// Its code.
    pub(super) table: String,
    /// The cells and the format.
    pub(super) choice: StatisticsTableChoice,
    /// The format and the language of the request headers.
    pub(super) asked: RequestedFormat,
}

impl Reading {
    /// Reads a release for these readers.
    pub(super) fn new(context: &Context, readers: Readers, id: Id) -> Self {
        Self::with(context.responses.clone(), context.lookups.clone(), readers, id)
    }

    /// The same with the caches of a context.
    pub(super) fn with(responses: ResponseCache, lookups: LookupCache, readers: Readers, id: Id) -> Self {
        Self { id, readers, responses, lookups }
    }

    /// A part of the release, from the caches or else with the database.
    pub(super) async fn response(
        self,
        context: &Context,
        call: impl Into<Call>,
        part: Part,
    ) -> Result<Arc<CachedResponse>, ApiError> {
        if let Some(response) = self.cached(&part) {
            return Ok(response);
        }
        context.read(call, move |work| self.read(work, &part)).await
    }

    /// The part from the caches, if the permission of these readers and the part are both cached.
    fn cached(&self, part: &Part) -> Option<Arc<CachedResponse>> {
        let sha256 = self.lookups.get(&self.readers.permission_key(self.id))?;
        self.responses.get(&part.cache_key(&sha256))
    }

    /// The part, if these readers may read the release.
    pub(super) fn read(&self, work: &mut Work<'_>, part: &Part) -> Result<Arc<CachedResponse>, ApiError> {
        let sha256 = store::readable(work.conn, &self.readers, self.id)?;
        self.lookups.put(self.readers.permission_key(self.id), &sha256);
        self.responses.get_or_build(&part.cache_key(&sha256), || self.make(work, &sha256, part))
    }

    fn make(&self, work: &mut Work<'_>, sha256: &str, part: &Part) -> Result<CachedResponse, ApiError> {
        match part {
            Part::Document => {
                Ok(CachedResponse::json(store::release(work.conn, &self.readers, self.id)?.document, sha256))
            }
            Part::Signed => {
                let row = store::release(work.conn, &self.readers, self.id)?;
                let envelope = envelope(&row.document, &row.key_id, &row.signature);
                Ok(CachedResponse::json(envelope, &format!("{sha256}-signed")))
            }
            Part::Dictionary => {
                let (bytes, _) = prepare::serialise(&Dictionary::of(&self.release(work, sha256)?))?;
                Ok(CachedResponse::json(bytes, &format!("{sha256}-dictionary")))
            }
            Part::Tables => {
                let (bytes, _) =
                    prepare::serialise(&TableList::of(&self.release(work, sha256)?).map_err(not_rendered)?)?;
                Ok(CachedResponse::json(bytes, &format!("{sha256}-tables")))
            }
            Part::File(choice, lang) => {
                let (release, file) = (self.release(work, sha256)?, choice.file());
                let bytes = file.of(&release, choice.headings(*lang)).map_err(not_rendered)?;
                let name =
                    format!("{}-{}{}{}", release.through, release.number, metadata::suffix(&release), file.name());
                Ok(CachedResponse::file(&work.vault.cursor_key(), bytes, file.media_type(), &name))
            }
            Part::Table(requested) => {
                let release = self.release(work, sha256)?;
                let media = requested.media();
                let bytes = rendered(&release, requested, media)?;
                let Release { through, number, .. } = &release;
                let (suffix, extension) = (metadata::suffix(&release), media.file_extension());
                let name = format!("{through}-{}-{number}{suffix}.{extension}", requested.table);
                Ok(CachedResponse::file(&work.vault.cursor_key(), bytes, media.media_type(), &name))
            }
            Part::Page { table, public_url } => {
                let release = self.release(work, sha256)?;
                let page = match table {
                    Some(table) => pages::table::page(&release, table, public_url)?,
                    None => pages::release::page(&release, public_url)?,
                };
                let tag = hex(&digest(page.as_bytes()));
                Ok(CachedResponse::page(page, &tag))
            }
        }
    }

    fn published(&self, work: &mut Work<'_>, sha256: &str) -> Result<Arc<CachedResponse>, ApiError> {
        let document = Part::Document;
        self.responses.get_or_build(&document.cache_key(sha256), || self.make(work, sha256, &document))
    }

    fn release(&self, work: &mut Work<'_>, sha256: &str) -> Result<Release, ApiError> {
        let document = self.published(work, sha256)?;
        serde_json::from_slice(document.bytes()).map_err(|error| {
            log::error!("the release {} cannot be read: {:?}", self.id, error.classify());
            ApiError::new(Code::Internal)
        })
    }
}

impl Part {
    /// The cache key: everything that the bytes depend on.
    fn cache_key(&self, sha256: &str) -> String {
        match self {
            Self::Document => sha256.to_owned(),
            Self::Signed => format!("{sha256} signed"),
            Self::Dictionary => format!("{sha256} dictionary"),
            Self::Tables => format!("{sha256} tables"),
            Self::File(choice, lang) => format!("{sha256} {:?} {:?}", choice.file(), choice.headings(*lang)),
            Self::Table(requested) => requested.cache_key(sha256),
            Self::Page { table, public_url } => format!("{sha256} page {table:?} {public_url}"),
        }
    }
}

impl RequestedTable {
    fn media(&self) -> Media {
        self.choice.media(self.asked.format)
    }

    /// The cache key: everything that the bytes depend on. Texts of the caller are quoted, so that keys are unique.
    fn cache_key(&self, sha256: &str) -> String {
        let headings = self.choice.headings(self.asked.lang);
        let (media, table, select) = (self.media().file_extension(), &self.table, &self.choice.select);
        format!("{sha256} {media} {headings:?} {table:?} {select:?}")
    }
}

fn rendered(release: &Release, requested: &RequestedTable, media: Media) -> Result<Vec<u8>, ApiError> {
    if !release.tables.iter().any(|known| known.id == requested.table) {
        return Err(ApiError::not_found());
    }
    let pairs = requested.choice.select.iter().flat_map(|select| select.split(';'));
    let pairs = pairs.map(|part| part.split_once(':').unwrap_or((part, "")));
    let selection = Selection::of_table(release, &requested.table, pairs)
        .map_err(|errors| ApiError::faults(Code::InvalidParameters, errors.into_iter().map(unselectable).collect()))?;
    let headings = requested.choice.headings(requested.asked.lang);
    render(release, &requested.table, &selection, media, headings).map_err(not_rendered)
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn not_rendered(error: Error) -> ApiError {
    log::error!("a release cannot be rendered: {error}");
    ApiError::new(Code::Internal)
}

fn unselectable(error: SelectionError) -> Fault {
    let (code, message) = match error {
        SelectionError::UnknownDimension { dimension } => (
            "unknown_dimension",
            Text::new(
                format!("Ce tableau n'a pas la dimension « {dimension} »."),
                format!("This table does not have the dimension {dimension:?}."),
            ),
        ),
        SelectionError::UnknownCode { dimension, code } => (
            "unknown_code",
            Text::new(
                format!("La dimension « {dimension} » n'a pas la valeur « {code} »."),
                format!("The dimension {dimension:?} does not have the value {code:?}."),
            ),
        ),
    };
    Fault::new("select", code, message)
}
