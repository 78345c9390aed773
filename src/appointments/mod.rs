//! Appointments: what is agreed with a family or a partner, and what became of it.
//!
//! Invariants:
//! - an appointment is about up to twenty cases of one service, or about none; they are open when they are named;
//! - one that was held has become an act, of which each of its cases has a share (`cases::interventions`), so that figures
//!   count the work once; one that was missed or cancelled has become none;
//! - appointments are counted apart from interventions (Cnaf names them);
//! - its title and note are sealed under the keys of all its cases, one after the other: once one of them is destroyed,
//!   nobody reads the text. Without a case it has a key of its own;
//! - two appointments of one professional at the same time are a warning, not a refusal.
//!
//! ```text
//!      ┌─ move ─┐
//!      ▼        │   confirm
//!      planned ─┴───────────► confirmed ── move ──► planned
//!        │                       │
//!        └──── hold · cancel · miss ────► held · cancelled · missed ── reopen ──► planned
//! ```

pub mod act;
pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
mod plan;
mod sealing;
pub mod store;

use crate::http::Operations;

/// Registers the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("appointments", "Appointments with families and partners: planning, and what became of them.");
    crate::operations!(ops, handlers::{
            create_appointment,
            list_appointments,
            get_appointment,
            update_appointment,
            delete_appointment,
            confirm_appointment,
            hold_appointment,
            cancel_appointment,
            miss_appointment,
            move_appointment,
            reopen_appointment,
        }
    );
}
