//! Bounds on exports: how many are written at once, and how many bytes of finished ones wait for their readers.
//!
//! An export takes a core for as long as it is written, and memory for as long as it is read. With neither bounded, a
//! few callers would take both from everybody else.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use passerelle_base::error::{ApiError, Code};

/// How long a request waits for a permit to write, before it fails with 429.
const WAIT: Duration = Duration::from_secs(2);

/// Seconds after which a refused caller should try again.
const RETRY_AFTER: u32 = 5;

/// Maximum size of all finished exports that are still being read, in KiB: 64 MiB.
const MAX_UNREAD: usize = 64 << 10;

/// The exports of this process.
pub(in crate::http) struct Exports {
    writing: Arc<Semaphore>,
    /// One permit per KiB.
    unread: Arc<Semaphore>,
}

impl Exports {
    /// Allows this many exports to be written at once.
    pub(super) fn new(limit: usize) -> Self {
        Self { writing: Arc::new(Semaphore::new(limit)), unread: Arc::new(Semaphore::new(MAX_UNREAD)) }
    }

    /// Waits for a permit to write an export; `None` if others take too long.
    pub(super) async fn begin(&self) -> Option<ExportPermit> {
        if self.unread.available_permits() == 0 {
            return None;
        }
        let writing = tokio::time::timeout(WAIT, Arc::clone(&self.writing).acquire_owned()).await.ok()?.ok()?;
        Some(ExportPermit { _writing: writing, unread: Arc::clone(&self.unread) })
    }
}

/// The permit to write one export. It belongs to the thread that writes: a caller that leaves does not end that work.
pub(in crate::http) struct ExportPermit {
    _writing: OwnedSemaphorePermit,
    unread: Arc<Semaphore>,
}

impl ExportPermit {
    /// Ends the writing of an export that takes this many bytes until it is read.
    pub(in crate::http) fn finish(self, bytes: usize) -> Result<UnreadExport, ApiError> {
        let size = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let held = self.unread.try_acquire_many_owned(size).map_err(|_| refused())?;
        Ok(UnreadExport { _held: held })
    }
}

/// The room of a finished export, until its response ends.
#[derive(Debug)]
pub(in crate::http) struct UnreadExport {
    _held: OwnedSemaphorePermit,
}

/// The refusal of an export.
pub(super) fn refused() -> ApiError {
    ApiError::new(Code::TooManyExports).retry_after(RETRY_AFTER)
}

/// The refusal of every export, where the operator allows none. Waiting would not help; JSON does.
pub(super) fn turned_off() -> ApiError {
    ApiError::new(Code::NotAcceptable)
        .detail(
            "Les tableurs et les documents à imprimer sont désactivés sur ce serveur : demander du JSON.",
            "Spreadsheets and printable documents are turned off on this server: ask for JSON.",
        )
        .with("media_types", ["application/json"])
}

#[cfg(test)]
mod tests {
    use crate::http::edge::exports::*;

    #[actix_web::test]
    async fn only_so_many_are_written_at_once() {
        let exports = Exports::new(1);
        let first = exports.begin().await.unwrap();
        assert!(exports.begin().await.is_none());
        let unread = first.finish(1 << 20).unwrap();
        assert!(exports.begin().await.is_some(), "a finished export still holds the permit to write");
        drop(unread);
        assert_eq!(exports.unread.available_permits(), MAX_UNREAD);
    }

    #[actix_web::test]
    async fn only_so_many_bytes_wait_for_their_readers() {
        let exports = Exports::new(8);
        let unread = exports.begin().await.unwrap().finish(MAX_UNREAD << 10).unwrap();
        assert!(exports.begin().await.is_none());
        drop(unread);
        let permit = exports.begin().await.unwrap();
        let error = permit.finish((MAX_UNREAD << 10) + 1).unwrap_err();
        assert_eq!(error.code, Code::TooManyExports);
    }
}
