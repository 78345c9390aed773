//! The queue of a kit: the reservations that wait for a copy, first come, first served.
//!
//! Invariants: a loan that becomes possible is proposed to the first reservation in the queue that can use it; a proposal
//! holds a copy until it expires, and then the next reservation gets a proposal; a loan that starts after the last day for
//! which a borrower waits is never proposed to them.

mod handlers;
pub mod ops;

use crate::http::Operations;

/// Adds the operation on the queue.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{list_kit_queue});
}
