//! Cases: the work of a service from the accepted referral to the effective place, and after.
//!
//! Invariants:
//! - a child has at most one open case, so that the active file counts nobody twice: a partial unique index decides between
//!   concurrent openings;
//! - a case is about a child, and the key of the household seals its notes, or about a structure, and has its own key;
//! - an effective placement does not close the case (Cnaf: the integration is followed);
//! - work on school time or with school staff is out of scope, except bridges (Cnaf): `services::public` has the rule;
//! - a closed case takes work that was done before its closing, for some days (`late_entry_days` of the service), and no closure
//!   is earlier than a record of the case;
//! - what was typed by mistake is corrected or removed, and its former values are kept: `corrections`;
//! - a case goes with the referral that opened it, if that is annulled and nothing else hangs on it: `annul`;
//! - a suspended case is an open case: its next follow-up is set aside, and nothing else changes: `suspensions`.
//!
//! ```text
//!            record step, intervention, placement, goal, procedure; plan follow-up
//!                 ┌──────┐
//! accepted ──► open ◄────┘ ── close ──► closed
//! referral       ▲                        │
//!                └──────── reopen ────────┘
//! ```

pub mod annul;
mod common;
pub mod complexity;
pub mod correct;
pub mod corrections;
pub mod dto;
pub mod ending;
mod expand;
pub mod goals;
mod handlers;
pub mod history;
pub mod interventions;
pub mod join;
pub mod model;
pub mod notes;
pub mod ops;
pub mod placements;
pub mod procedures;
pub mod recommendations;
pub mod steps;
pub mod store;
pub mod suspensions;
pub mod team;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("cases", "The work of a service for a child or a structure, from the accepted referral to the outcome.");
    crate::operations!(ops, handlers::{list_cases, get_case, update_case, plan_follow_up, set_case_priority, close_case, reopen_case});
    team::routes(ops);
    steps::routes(ops);
    interventions::routes(ops);
    placements::routes(ops);
    goals::routes(ops);
    procedures::routes(ops);
    notes::routes(ops);
    recommendations::routes(ops);
    suspensions::routes(ops);
    complexity::routes(ops);
    history::routes(ops);
}
