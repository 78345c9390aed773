//! Failures that are expected and not logged: those of a write that is only rehearsed.

use std::cell::Cell;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs a part whose failures are not logged. The part stays on its thread.
pub fn quietly<T>(part: impl FnOnce() -> T) -> T {
    let before = QUIET.replace(true);
    let outcome = part();
    QUIET.set(before);
    outcome
}

/// Whether failures are logged now.
pub(super) fn is_quiet() -> bool {
    QUIET.get()
}

#[cfg(test)]
mod tests {
    use crate::error::quiet::*;

    #[test]
    fn only_the_part_is_quiet() {
        assert!(quietly(|| quietly(is_quiet) && is_quiet()));
        assert!(!is_quiet());
    }
}
