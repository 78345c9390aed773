//! Collective actions: awareness sessions, pedagogical days, parent cafés, workshops, working groups, committees,
//! events.
//!
//! Invariants:
//! - participants are counted by type and never named;
//! - nobody from a school and no place at school, except for a bridge: `services::public` holds the rule;
//! - a kind that the code list reserves is planned and held only where a convention gives access to its complementary
//!   service on that day, and refers to that convention; no other kind refers to one;
//! - the seats registered never exceed the places: every operation that changes either takes the lock of the action
//!   ([`crate::db::Lock::Action`]) before it reads. [`registrations::model`] holds the rule of the queue;
//! - participants, minutes and ratings count in figures only while the action is in the state `held`.
//!
//! ```text
//!            hold
//! planned ─────────► held ─ evaluate ─┐
//!   │  ▲    reopen    │ ▲─────────────┘
//!   │  ├──────────────┘
//!   │  │ reopen
//!   ▼  │ cancel
//! cancelled
//! ```
//! An action recorded as held or cancelled by mistake is reopened: participants and evaluation are kept, and
//! registrations keep their state, so that cancelled ones stay cancelled.

pub mod act;
pub mod dto;
mod faults;
pub mod figures;
mod handlers;
pub mod model;
pub mod ops;
pub mod plan;
pub mod registrations;
mod school;
pub mod store;

pub use act::{Command, act};

use crate::http::Operations;

/// Registers the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("actions", "Collective actions: planning, participants, registrations, evaluation, figures.");
    crate::operations!(ops, handlers::{
            create_action,
            list_actions,
            get_action,
            update_action,
            delete_action,
            hold_action,
            cancel_action,
            reopen_action,
            evaluate_action,
        }
    );
    registrations::routes(ops);
    figures::routes(ops);
}
