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
    ///
    /// A committed write does not show that the disk has space again: a small one fits into the journal of SQLite.
    pub(super) fn note(&self, error: Option<Code>) {
        match error {
            None => drop(self.committed.fetch_add(1, Ordering::Relaxed)),
            Some(Code::StorageFull) if !self.full.swap(true, Ordering::Relaxed) => {
                log::error!("the disk of the database is full: writes are refused");
            }
            Some(_) => {}
        }
    }

    /// Notes that a probe has found space.
    pub(super) fn found_space(&self) {
        if self.full.swap(false, Ordering::Relaxed) {
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

    /// Whether the disk was full, and no probe has found space since.
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
    fn only_a_probe_shows_that_the_disk_has_space() {
        let storage = Storage::default();
        for (error, full) in [
            (Some(Code::NotFound), false),
            (Some(Code::StorageFull), true),
            (Some(Code::Unavailable), true),
            (None, true),
        ] {
            storage.note(error);
            assert_eq!(storage.is_full(), full, "{error:?}");
        }
        storage.found_space();
        assert!(!storage.is_full());
    }
}
