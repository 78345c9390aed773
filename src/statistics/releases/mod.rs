//! Releases: the figures of a year up to a quarter, protected, proved, and then frozen.
//!
//! ```text
//! queued ──► running ──► ready ──► published        a build; its releases, one a tier, never change
//!    │          │          │
//!    └──────────┴──────────┴──► cancelled            withheld: nothing can be published, and why
//! ```
//!
//! Invariants:
//! - a build is made from records that nothing changed since: one that was overtaken cannot be published;
//! - one that corrects the records changes none of them before it is published, and then those that it found;
//! - every earlier release of the year is in the proof of the next one; what everybody reads is in what partners read;
//! - a release is stored as bytes, hashed, and served as it is; what is drawn from it is drawn once (`reading`).

mod audit;
pub mod dto;
pub mod due;
mod handlers;
mod header;
pub mod model;
mod open;
pub mod ops;
mod prepare;
mod publish;
mod reading;
pub mod store;
pub mod worker;

use crate::http::Operations;
use model::TierCode;

/// Who releases are made for, in the order in which they are made: what the first read, the next read too.
pub const TIERS: [TierCode; 2] = [TierCode::Open, TierCode::Partner];

/// Adds the operations on builds and releases.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_statistics_build, list_statistics_builds, get_statistics_build, preview_statistics_build,
        cancel_statistics_build, publish_statistics_build, list_statistics_releases, get_statistics_release,
        get_statistics_dictionary, get_statistics_table, get_signed_statistics_release
    });
    open::routes(ops);
}
