//! Collective actions: awareness sessions, pedagogical days, parent cafés, workshops, working groups, committees, events.
//!
//! Invariants:
//! - who came is counted by kind and never named;
//! - a kind that the code list reserves is planned and held only where a convention opens its complementary service on that
//!   day, and names that convention; no other kind names one;
//! - seats registered never exceed the places: whatever changes either first takes the action's turn
//!   ([`crate::db::Lock::Action`]), reads, decides, and writes. [`registrations::model`] says who leaves the queue when;
//! - participants, minutes and ratings count while the action is held, and only then.
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
//! What is recorded as held or cancelled by mistake is reopened: participants and evaluation stay as they were said,
//! registrations keep the state that they are in, and those that were cancelled stay cancelled.

pub mod act;
pub mod dto;
mod faults;
pub mod figures;
mod handlers;
pub mod model;
pub mod ops;
pub mod plan;
pub mod registrations;
pub mod store;

pub use act::{Command, act};

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("actions", "Collective actions: who organised what where, who came, who registered; figures.");
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
