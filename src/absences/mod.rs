//! Absences: the days on which a professional of a service is away.
//!
//! Invariants:
//! - an absence says who and when, never why: a reason may be health data, and planning needs none;
//! - two absences of one person in one service have no day in common;
//! - an absence prevents nothing: an appointment or a change of hands that falls in one gets a warning, because somebody
//!   knows better.
//!
//! A professional declares their own absences; `cases:correct` (coordinators, managers) those of everybody.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("absences", "The days on which professionals are away: who and when, never why.");
    crate::operations!(
        ops,
        handlers::{declare_absence, list_absences, get_absence, update_absence, delete_absence}
    );
}
