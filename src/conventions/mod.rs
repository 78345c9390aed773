//! Conventions: which collectivity funds the service from when to when, what it pays, what it gets.
//!
//! Invariants: a collectivity has one convention a calendar year with a service (a key of the database); what was signed, its
//! terms and what it costs, never changes; sums of money are whole cents and their parts add up; a commune is covered on a
//! day by its own convention or by that of the EPCI that it is in on that day.
//!
//! ```text
//! agreements ─── contributions ── instalments ── payments
//! coverage ── boundaries: communes that change EPCI        funding: who gives how much in a year
//! ```

pub mod agreements;
pub mod boundaries;
pub mod contributions;
pub mod coverage;
pub mod figures;
pub mod funding;
pub mod instalments;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("conventions", "Conventions with EPCI and communes: what they pay, what they open, whom they cover.");
    agreements::routes(ops);
    contributions::routes(ops);
    instalments::routes(ops);
    coverage::routes(ops);
    boundaries::routes(ops);
    funding::routes(ops);
    figures::routes(ops);
}
