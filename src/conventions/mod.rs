//! Conventions: which local authority funds the service, over which period, what it pays and which complementary
//! services it gives access to.
//!
//! Invariants: a local authority has at most one convention with a service per calendar year (a unique key); signed
//! terms and frozen contributions never change; amounts are whole cents and the parts add up to the whole; on a given
//! day, a commune is covered by its own convention or by that of the EPCI it belongs to on that day.
//!
//! `contributions/model.rs` has the rule that computes, rounds and splits contributions.
//!
//! ```text
//! agreements ─── contributions ── instalments ── payments
//! coverage ── boundaries: communes that change EPCI        funding: how much each funder gives per year
//! ```

pub mod agreements;
pub mod boundaries;
pub mod contributions;
pub mod coverage;
pub mod figures;
pub mod funding;
pub mod instalments;

use crate::http::Operations;

/// Registers the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("conventions", "Conventions with EPCI and communes: contributions, complementary services, coverage.");
    agreements::routes(ops);
    contributions::routes(ops);
    instalments::routes(ops);
    coverage::routes(ops);
    boundaries::routes(ops);
    funding::routes(ops);
    figures::routes(ops);
}
