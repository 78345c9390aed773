//! Cases: what the pôle does once a referral is accepted, until the effective place and after.
//!
//! Invariants: a child has at most one open case (the active file counts nobody twice; a partial
//! unique index decides races); a case is about a child, whose household's key seals its notes, or
//! about a structure, with a key of its own; being found a place does not close it (Cnaf: the
//! integration is followed); nothing is added to a closed case, and no closure precedes what the case
//! records.
//!
//! ```text
//!            record step, intervention, placement; plan follow-up
//!                 ┌──────┐
//! accepted ──► open ◄────┘ ── close ──► closed
//! referral       ▲                        │
//!                └──────── reopen ────────┘
//! ```

pub mod dto;
mod handlers;
pub mod interventions;
pub mod model;
pub mod ops;
pub mod placements;
pub mod steps;
pub mod store;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("cases", "What the pôle does for a child or a structure, from the accepted referral to the outcome.");
    crate::operations!(ops, handlers::{list_cases, get_case, plan_follow_up, close_case, reopen_case});
    steps::routes(ops);
    interventions::routes(ops);
    placements::routes(ops);
}
