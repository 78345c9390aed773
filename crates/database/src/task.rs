//! Closures with their result type erased.
//!
//! The pool and the writer run tasks. Their code, and that of the event loop below them, is thus compiled once and not for
//! each operation of the API.

use std::sync::{Arc, Mutex, PoisonError};

use super::conn::AnyConn;
use passerelle_base::error::{ApiError, Code};

/// What the pool and the writer run. It leaves its result in a [`ResultSlot`].
pub(super) type Task = Box<dyn FnOnce(&mut AnyConn) -> Result<(), ApiError> + Send>;

/// Where a closure leaves its result for its caller.
#[derive(Debug)]
pub struct ResultSlot<T>(Arc<Mutex<Option<T>>>);

impl<T> ResultSlot<T> {
    /// An empty slot: one handle for the closure, one for its caller.
    pub fn new() -> (Self, Self) {
        let slot = Arc::new(Mutex::new(None));
        (Self(Arc::clone(&slot)), Self(slot))
    }

    /// Leaves the result.
    pub fn fill(self, result: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    }

    /// Takes the result of a closure that has succeeded.
    pub fn take(self) -> Result<T, ApiError> {
        let result = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        result.ok_or_else(|| ApiError::new(Code::Internal))
    }
}

/// Erases the result type of a closure.
pub(super) fn task<T: Send + 'static>(
    f: impl FnOnce(&mut AnyConn) -> Result<T, ApiError> + Send + 'static,
) -> (Task, ResultSlot<T>) {
    let (left, result) = ResultSlot::new();
    let task = move |conn: &mut AnyConn| {
        left.fill(f(conn)?);
        Ok(())
    };
    (Box::new(task), result)
}
