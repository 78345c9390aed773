//! Cases: the work of a service from the accepted referral to the effective place, and after.
//!
//! Invariants:
//! - a child has at most one open case, so that the active file counts nobody twice: a partial unique index decides between
//!   concurrent openings;
//! - a case is about a child, and the key of the household seals its notes, or about a structure, and has its own key;
//! - an effective placement does not close the case (Cnaf: the integration is followed);
//! - work on school time or with school staff is out of scope, except bridges (Cnaf): `services::public` has the rule;
//! - nothing is added to a closed case, and no closure is earlier than a record of the case.
//!
//! ```text
//!            record step, intervention, placement; plan follow-up
//!                 ┌──────┐
//! accepted ──► open ◄────┘ ── close ──► closed
//! referral       ▲                        │
//!                └──────── reopen ────────┘
//! ```

mod common;
pub mod dto;
mod handlers;
pub mod history;
pub mod interventions;
pub mod model;
pub mod ops;
pub mod placements;
pub mod steps;
pub mod store;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("cases", "The work of a service for a child or a structure, from the accepted referral to the outcome.");
    crate::operations!(ops, handlers::{list_cases, get_case, plan_follow_up, close_case, reopen_case});
    steps::routes(ops);
    interventions::routes(ops);
    placements::routes(ops);
    history::routes(ops);
}
