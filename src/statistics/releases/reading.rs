//! What is read of releases: documents, signatures, dictionaries, tables.
//!
//! A release never changes and is never taken back (the database refuses it), so what is read of it is made once and kept in memory,
//! named by the SHA-256 of the document that it is of. Whether the caller may read it is the database's to say. Its yes to the readers
//! of these services stays true as long as there is a database, and is kept as well, under those services: they are the caller's
//! present ones, so whoever loses one asks another question.

use std::sync::Arc;

use super::dto::StatisticsTableChoice;
use super::prepare;
use super::store::{self, Readers};
use crate::db::Id;
use crate::error::{ApiError, Code, Lang, Text};
use crate::http::Context;
use crate::http::answer_cache::{AnswerCache, CachedAnswer};
use crate::http::lookup_cache::LookupCache;
use crate::http::rendered::RequestedFormat;
use crate::statistics::formats::dto::dictionary::Dictionary;
use crate::statistics::formats::{Fault, Media, Selection, render};
use crate::trail::Call;
use crate::work::Work;
use passerelle_disclosure::document::Release;
use passerelle_disclosure::envelope::envelope;

/// A release, who reads it, and where what is read is kept.
pub(super) struct Reading {
    id: Id,
    readers: Readers,
    answers: AnswerCache,
    lookups: LookupCache,
}

/// What is read of a release.
pub(super) enum Part {
    /// The release as it was published.
    Document,
    /// The release with its signature, as a file that can be checked without this service.
    Signed,
    /// What the codes of the release mean.
    Dictionary,
    /// A table of the release.
    Table(Wanted),
}

/// A table as it is asked for.
pub(super) struct Wanted {
    /// Its code.
    pub(super) table: String,
    /// Which cells, in which format.
    pub(super) choice: StatisticsTableChoice,
    /// What the headers say.
    pub(super) asked: RequestedFormat,
}

impl Reading {
    /// A reading of a release.
    pub(super) fn new(context: &Context, readers: Readers, id: Id) -> Self {
        Self { id, readers, answers: context.answers.clone(), lookups: context.lookups.clone() }
    }

    /// A part of the release: what is at hand at once, anything else by the database.
    pub(super) async fn answer(
        self,
        context: &Context,
        call: impl Into<Call>,
        part: Part,
    ) -> Result<Arc<CachedAnswer>, ApiError> {
        if let Some(answer) = self.at_hand(&part) {
            return Ok(answer);
        }
        context.read(call, move |work| self.read(work, &part)).await
    }

    /// The part, when these readers were told before that they may read the release, and it is still kept.
    fn at_hand(&self, part: &Part) -> Option<Arc<CachedAnswer>> {
        let sha256 = self.lookups.get(&self.readers.question(self.id))?;
        self.answers.get(&part.name(&sha256))
    }

    /// The part, if these readers may read the release.
    fn read(&self, work: &mut Work<'_>, part: &Part) -> Result<Arc<CachedAnswer>, ApiError> {
        let sha256 = store::readable(work.conn, &self.readers, self.id)?;
        self.lookups.put(self.readers.question(self.id), &sha256);
        self.answers.or_make(&part.name(&sha256), || self.make(work, &sha256, part))
    }

    fn make(&self, work: &mut Work<'_>, sha256: &str, part: &Part) -> Result<CachedAnswer, ApiError> {
        match part {
            Part::Document => {
                Ok(CachedAnswer::json(store::release(work.conn, &self.readers, self.id)?.document, sha256))
            }
            Part::Signed => {
                let row = store::release(work.conn, &self.readers, self.id)?;
                let envelope = envelope(&row.document, &row.key_id, &row.signature);
                Ok(CachedAnswer::json(envelope, &format!("{sha256}-signed")))
            }
            Part::Dictionary => {
                let (bytes, _) = prepare::written(&Dictionary::of(&self.release(work, sha256)?))?;
                Ok(CachedAnswer::json(bytes, &format!("{sha256}-dictionary")))
            }
            Part::Table(wanted) => {
                let release = self.release(work, sha256)?;
                let media = wanted.media();
                let bytes = drawn(&release, wanted, media)?;
                let name =
                    format!("{}-{}-{}.{}", release.through, wanted.table, release.number, media.file_extension());
                Ok(CachedAnswer::file(&work.vault.cursor_key(), bytes, media.media_type(), &name))
            }
        }
    }

    fn published(&self, work: &mut Work<'_>, sha256: &str) -> Result<Arc<CachedAnswer>, ApiError> {
        let document = Part::Document;
        self.answers.or_make(&document.name(sha256), || self.make(work, sha256, &document))
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
    /// All that its bytes depend on.
    fn name(&self, sha256: &str) -> String {
        match self {
            Self::Document => sha256.to_owned(),
            Self::Signed => format!("{sha256} signed"),
            Self::Dictionary => format!("{sha256} dictionary"),
            Self::Table(wanted) => wanted.name(sha256),
        }
    }
}

impl Wanted {
    fn media(&self) -> Media {
        self.choice.media(self.asked.liked)
    }

    /// All that its drawing depends on. What the caller wrote is quoted, so that no two drawings have one name.
    fn name(&self, sha256: &str) -> String {
        let lang = match self.asked.lang {
            Lang::Fr => "fr",
            Lang::En => "en",
        };
        format!("{sha256} {} {lang} {:?} {:?}", self.media().file_extension(), self.table, self.choice.select)
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
    render(release, Some(&wanted.table), &selection, media, wanted.asked.lang).map_err(|error| {
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
