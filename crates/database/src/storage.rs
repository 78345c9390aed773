//! What the writes tell about the storage: whether its disk is full, and how much it has grown.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use passerelle_base::error::Code;

/// After the first sample, the next one is due after at least this many writes.
const MIN_GROWTH: u64 = 250;

/// What the last writes found.
#[derive(Debug, Default)]
pub(super) struct Storage {
    full: AtomicBool,
    committed: AtomicU64,
    /// The number of committed writes at which the planner's statistics are sampled again.
    sample_at: AtomicU64,
}

impl Storage {
    /// Notes how a write ended: `None` if it was committed, else the code of its error.
    pub(super) fn note(&self, error: Option<Code>) {
        let full = match error {
            None => {
                self.committed.fetch_add(1, Ordering::Relaxed);
                false
            }
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

    /// Whether the planner's statistics are due to be sampled: at the start, then each time that the number of writes has
    /// doubled. Only the first caller gets true.
    pub(super) fn is_sample_due(&self) -> bool {
        let (committed, due) = (self.committed.load(Ordering::Relaxed), self.sample_at.load(Ordering::Relaxed));
        let next = (2 * committed).max(committed + MIN_GROWTH);
        committed >= due && self.sample_at.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
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
    fn a_sample_is_due_at_the_start_and_at_each_doubling() {
        let storage = Storage::default();
        let mut due = Vec::new();
        for written in 0..=4000 {
            if storage.is_sample_due() {
                due.push(written);
            }
            storage.note(None);
        }
        assert_eq!(due, [0, 250, 500, 1000, 2000, 4000]);
    }

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
