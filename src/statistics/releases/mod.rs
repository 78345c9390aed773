//! Releases: the figures of a year up to a quarter, protected, proved, and then frozen.
//!
//! ```text
//! queued ──► running ──► ready ──► published        a build; its releases, one per tier, never change
//!    │          │          │
//!    └──────────┴──────────┴──► cancelled            withheld: nothing can be published, with the reason
//! ```
//!
//! Invariants:
//! - a build cannot be published if the records that it was made from have changed since;
//! - a build that corrects records changes them only when it is published, and then exactly as it found them;
//! - every earlier release of the year is in the proof of the next one; what everybody reads is part of what partners
//!   read;
//! - what depends on hidden counts (a trial, a preview, the measures of a build) is for those who read the live figures;
//! - a release is stored as bytes, hashed, and served unchanged; what is rendered from it is rendered once (`reading`).

mod audit;
mod drafts;
pub mod dto;
pub mod due;
mod handlers;
mod header;
mod latest;
mod live;
pub mod model;
mod open;
pub mod ops;
pub mod pages;
mod prepare;
mod publish;
mod reading;
mod refusals;
pub mod store;
mod trials;
pub mod worker;

use crate::http::Operations;

/// Adds the operations on builds and releases.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_statistics_build, list_statistics_builds, get_statistics_build, preview_statistics_build,
        cancel_statistics_build, publish_statistics_build, list_statistics_releases, get_statistics_release,
        get_statistics_dictionary, list_statistics_tables, get_statistics_table, get_statistics_file, get_signed_statistics_release
    });
    latest::routes(ops);
    open::routes(ops);
}
