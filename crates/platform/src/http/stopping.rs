//! Whether this instance is about to stop.

use std::sync::atomic::{AtomicBool, Ordering};

/// Set at the first signal to stop: from then on the instance reports that it is not ready, and serves until its grace
/// period has passed.
#[derive(Debug, Default)]
pub struct Stopping(AtomicBool);

impl Stopping {
    /// Begins to stop.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the instance is about to stop.
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
