//! Disclosure control for published tables: exact counts, suppressed jointly over every table that was ever published, and
//! proved. No database, no network, no I/O. The README has the problem, the method, an example and the limits.
//!
//! ```text
//! population ─► layout, plan ─► question ─► protect ─► answer ─► certify ─► certificate
//!               rows to guard    ▲           elimination: what can be computed from what is published
//!               (P1 to P4)       │           attacker: which tables are possible, in whole numbers
//!                                │           prover: two tables for each guarded row, or a repair
//!                             star, classes  insiders: with what a household or a partner knows
//! ```
//!
//! [`making`] goes from populations to a release ([`document`]) with its certificate. [`verify`](mod@verify) checks a release by
//! addition; [`checking`] checks files of releases: signature ([`envelope`]), figures, chain.

pub mod attacker;
pub mod axes;
#[cfg(test)]
mod cases;
pub mod certificate;
pub mod certify;
pub mod checking;
pub mod classes;
mod counts;
pub mod document;
pub mod elimination;
pub mod envelope;
pub mod field;
mod insiders;
pub mod layout;
pub mod making;
pub mod plan;
pub mod population;
pub mod protect;
mod prover;
pub mod question;
mod repair;
mod restore;
mod sketch;
mod solver;
pub mod star;
pub mod verify;
