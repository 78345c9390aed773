//! Disclosure control: exact counts, suppressed jointly over all tables that were ever published, and proved. No I/O.
//!
//! It knows neither database nor web, and can be read and used alone:
//!
//! ```text
//! population ─► layout, plan ─► question ─► protect ─► answer ─► certify ─► certificate
//!               rows to guard    ▲           elimination: what can be computed from what is published
//!               (P1 to P4)       │           attacker: which tables are possible, in whole numbers
//!                                │           prover: two tables for each guarded row, or a repair
//!                             star, classes  insiders: with what a household or a partner knows
//! ```

pub mod attacker;
#[cfg(test)]
mod cases;
pub mod certify;
pub mod classes;
mod counts;
pub mod elimination;
pub mod field;
mod insiders;
pub mod layout;
pub mod plan;
pub mod protect;
mod prover;
pub mod question;
mod repair;
mod restore;
mod sketch;
mod solver;
pub mod star;
