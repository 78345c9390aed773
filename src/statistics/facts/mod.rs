//! Facts: figures made public elsewhere, in the minutes of a council or a newspaper. The protection takes them into
//! account, since a reader of a release may know them.
//!
//! Invariants:
//! - a fact says what is counted and where the figure is public, never the figure: its readers are taken to know the true
//!   count. So nothing that anybody records agrees with a hidden count, or disagrees;
//! - it counts once a second person has confirmed it, and a week after that;
//! - it only hides more, and is in no release;
//! - it does not change. It can be deleted until a release takes it into account.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
mod store;

use crate::http::Operations;

/// Adds the operations on facts.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_statistics_fact, list_statistics_facts, get_statistics_fact, confirm_statistics_fact,
        delete_statistics_fact
    });
}
