//! The queue of a kit: who waits for it, in the order of asking, and what is proposed when a copy comes free.
//!
//! Invariants: the first in the queue for whom a loan is possible is proposed it; a proposal keeps a copy until it expires,
//! and then goes to the next; nobody is proposed a loan that begins after the last day that they wait for.

mod handlers;
pub mod ops;

use crate::http::Operations;

/// Adds the operation on the queue.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{list_kit_queue});
}
