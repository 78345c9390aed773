//! Statistics for partners: what is published of a service, exact, jointly suppressed, in frozen releases.
//!
//! Invariants:
//! - no figure about children leaves the service's own staff but as a cell of a release;
//! - a record is one unit and calendar year; once it was published it does not change, whatever becomes of its source;
//! - nothing in the store of records tells whose a record is, and after the last release of a year nothing anywhere does;
//! - a version of a specification never changes, and is named by its hash;
//! - no threshold is below 11 for everybody, or 5 for partners.
//!
//! ```text
//! specs: which tables ──┐
//! records: the units ───┴─► population ──► disclosure ──► document, certificate
//! settings: which spec, which thresholds            facts: what was made public elsewhere
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
    ops.tag("statistics", "Figures that may leave: what is published of a service, and how it is protected.");
    settings::routes(ops);
    specs::routes(ops);
    facts::routes(ops);
    releases::routes(ops);
    signing::routes(ops);
}
