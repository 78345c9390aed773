//! Whether the disk of the database is known to be full.

use std::sync::atomic::{AtomicBool, Ordering};

use passerelle_base::error::Code;

/// What the last writes found.
#[derive(Debug, Default)]
pub(super) struct Storage {
    full: AtomicBool,
}

impl Storage {
    /// Notes how a write ended: `None` if it was committed, else the code of its error.
    pub(super) fn note(&self, error: Option<Code>) {
        let full = match error {
            None => false,
            Some(Code::StorageFull) => true,
            Some(_) => return,
        };
        if self.full.swap(full, Ordering::Relaxed) == full {
            return;
        }
        if full {
            log::error!("the disk of the database is full: writes are refused");
        } else {
            log::warn!("the disk of the database has space again");
        }
    }

    /// Whether the disk was full at the last write that could tell.
    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_committed_write_shows_that_the_disk_has_space_and_a_refused_one_shows_nothing() {
        let storage = Storage::default();
        for (error, full) in [
            (Some(Code::NotFound), false),
            (Some(Code::StorageFull), true),
            (Some(Code::Unavailable), true),
            (None, false),
            (None, false),
        ] {
            storage.note(error);
            assert_eq!(storage.is_full(), full, "{error:?}");
        }
    }
}
