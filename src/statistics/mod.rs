//! Statistics for partners: what a service publishes. Exact counts, jointly suppressed, in frozen releases.
//!
//! Invariants:
//! - a figure about children leaves the service's own staff only as a cell of a release;
//! - a record is one unit in one calendar year; once published it does not change, whatever happens to its source;
//! - nothing in the store of records identifies the child of a record; after the last release of a year nothing does;
//! - a version of a specification never changes, and its hash identifies it;
//! - no threshold is below the minimum of its tier (`passerelle_disclosure::policy`).
//!
//! ```text
//! specs: which tables ──┐
//! records: the units ───┴─► population ──► passerelle_disclosure ──► document, certificate
//! settings: which spec, which thresholds   facts: what is public elsewhere
//! ```

pub mod facts;
pub mod formats;
pub mod records;
pub mod releases;
pub mod sandbox;
pub mod settings;
pub mod signing;
pub mod specs;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("statistics", "Published figures: what a service publishes, and how it is protected.");
    settings::routes(ops);
    specs::routes(ops);
    facts::routes(ops);
    releases::routes(ops);
    signing::routes(ops);
}
