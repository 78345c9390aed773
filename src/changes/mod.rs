//! Changes: the feed for those who keep a copy, complete and in order.
//!
//! Invariants: a change appears once, after every change that was given before it, and only once it is committed
//! (`outbox` says how); it names an object and tells nothing of it; it is shown to whoever may read that kind of object
//! in that service.

pub mod dto;
mod handlers;
mod ops;
mod store;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("changes", "What was created, changed and deleted, in order: for those who keep a copy.");
    crate::operations!(ops, handlers::{list_changes});
}
