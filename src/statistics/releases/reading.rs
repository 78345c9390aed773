//! What is read of releases: documents, signatures, dictionaries, tables.
//!
//! A release never changes, so what is read of it is made once and kept in memory. The database still says, at each call,
//! whether the caller may read it; what is kept is named by the SHA-256 of the document that it is of.

use std::sync::Arc;

use super::dto::StatisticsTableChoice;
use super::prepare;
use super::store::{self, Readers};
use crate::context::Work;
use crate::db::Id;
use crate::error::{ApiError, Code, Lang, Text};
use crate::http::drawn::Asked;
use crate::http::kept::{Kept, Lasting};
use crate::statistics::document::Release;
use crate::statistics::formats::dto::dictionary::Dictionary;
use crate::statistics::formats::{Fault, Media, Selection, draw};
use crate::statistics::signing;

/// A release, who reads it, and where what is read is kept.
pub(super) struct Reading {
    /// The release.
    pub(super) id: Id,
    /// Who reads it.
    pub(super) readers: Readers,
    /// What was read lately.
    pub(super) kept: Kept,
}

/// A table as it is asked for.
pub(super) struct Wanted {
    /// Its code.
    pub(super) table: String,
    /// Which cells, in which format.
    pub(super) choice: StatisticsTableChoice,
    /// What the headers say.
    pub(super) asked: Asked,
}

impl Reading {
    /// The release as it was published.
    pub(super) fn document(&self, work: &mut Work<'_>) -> Result<Arc<Lasting>, ApiError> {
        let sha256 = self.readable(work)?;
        self.published(work, &sha256)
    }

    /// The release with its signature, as a file that can be checked without this service.
    pub(super) fn signed(&self, work: &mut Work<'_>) -> Result<Arc<Lasting>, ApiError> {
        let sha256 = self.readable(work)?;
        self.kept.or_make(&format!("{sha256} signed"), || {
            let row = store::release(work.conn, &self.readers, self.id)?;
            let envelope = signing::model::envelope(&row.document, &row.key_id, &row.signature);
            Ok(Lasting::json(envelope, &format!("{sha256}-signed")))
        })
    }

    /// What the codes of the release mean.
    pub(super) fn dictionary(&self, work: &mut Work<'_>) -> Result<Arc<Lasting>, ApiError> {
        let sha256 = self.readable(work)?;
        self.kept.or_make(&format!("{sha256} dictionary"), || {
            let (bytes, _) = prepare::written(&Dictionary::of(&self.release(work, &sha256)?))?;
            Ok(Lasting::json(bytes, &format!("{sha256}-dictionary")))
        })
    }

    /// A table of the release.
    pub(super) fn table(&self, work: &mut Work<'_>, wanted: &Wanted) -> Result<Arc<Lasting>, ApiError> {
        let sha256 = self.readable(work)?;
        let media = wanted.choice.media(wanted.asked.liked);
        self.kept.or_make(&wanted.name(&sha256, media), || {
            let release = self.release(work, &sha256)?;
            let bytes = drawn(&release, wanted, media)?;
            let name = format!("{}-{}-{}.{}", release.through, wanted.table, release.number, media.file_extension());
            Ok(Lasting::file(&work.vault.cursor_key(), bytes, media.media_type(), &name))
        })
    }

    /// The SHA-256 of the release, if these readers may read it.
    fn readable(&self, work: &mut Work<'_>) -> Result<String, ApiError> {
        Ok(store::readable(work.conn, &self.readers, self.id)?)
    }

    fn published(&self, work: &mut Work<'_>, sha256: &str) -> Result<Arc<Lasting>, ApiError> {
        self.kept.or_make(sha256, || {
            let row = store::release(work.conn, &self.readers, self.id)?;
            Ok(Lasting::json(row.document, sha256))
        })
    }

    fn release(&self, work: &mut Work<'_>, sha256: &str) -> Result<Release, ApiError> {
        let document = self.published(work, sha256)?;
        serde_json::from_slice(document.bytes()).map_err(|error| {
            log::error!("the release {} cannot be read: {:?}", self.id, error.classify());
            ApiError::new(Code::Internal)
        })
    }
}

impl Wanted {
    /// All that its drawing depends on. What the caller wrote is quoted, so that no two drawings have one name.
    fn name(&self, sha256: &str, media: Media) -> String {
        let lang = match self.asked.lang {
            Lang::Fr => "fr",
            Lang::En => "en",
        };
        format!("{sha256} {} {lang} {:?} {:?}", media.file_extension(), self.table, self.choice.select)
    }
}

fn drawn(release: &Release, wanted: &Wanted, media: Media) -> Result<Vec<u8>, ApiError> {
    if !release.tables.iter().any(|known| known.id == wanted.table) {
        return Err(ApiError::not_found());
    }
    let pairs = wanted.choice.select.iter().flat_map(|select| select.split(';')).filter(|part| !part.is_empty());
    let pairs = pairs.map(|part| part.split_once(':').unwrap_or((part, "")));
    let selection = Selection::of_table(release, &wanted.table, pairs)
        .map_err(|faults| ApiError::faults(Code::InvalidParameters, faults.into_iter().map(unselectable).collect()))?;
    draw(release, Some(&wanted.table), &selection, media, wanted.asked.lang).map_err(|error| {
        log::error!("a table could not be drawn: {error}");
        ApiError::new(Code::Internal)
    })
}

fn unselectable(fault: Fault) -> crate::error::Fault {
    match fault {
        Fault::UnknownDimension { dimension } => crate::error::Fault::new(
            "select",
            "unknown_dimension",
            Text::new(
                format!("Ce tableau n'a pas la dimension {dimension}."),
                format!("This table does not have the dimension {dimension}."),
            ),
        ),
        Fault::UnknownCode { dimension, code } => crate::error::Fault::new(
            "select",
            "unknown_code",
            Text::new(
                format!("La dimension {dimension} n'a pas la valeur {code}."),
                format!("The dimension {dimension} does not have the value {code}."),
            ),
        ),
    }
}
