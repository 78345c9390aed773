//! Changes: a complete and ordered feed, for clients that keep a copy of the data.
//!
//! Invariants: a change appears exactly once, after every change that was published before it, and only after it is
//! committed (see `outbox`); it identifies an object and holds none of its data; it is visible to callers who may read
//! that kind of object in that service. A cursor past the point to which the database was restored is refused, never
//! followed.

pub mod dto;
mod handlers;
mod ops;
mod store;

use crate::http::Operations;

/// Registers the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("changes", "The feed of created, changed and deleted objects, in order, for clients that keep a copy.");
    crate::operations!(ops, handlers::{list_changes});
}
