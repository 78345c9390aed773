//! The agenda: what is to be done in a service, on one list; the home page's counters; and the agenda of a user for
//! calendar applications, at a secret address that can be revoked.
//!
//! Invariants:
//! - it stores nothing but the secret addresses: every entry is an object of another slice, read with the rights that the
//!   caller has on it;
//! - entries are sorted by day, so those that are overdue come first; the number of queries depends neither on the rows nor
//!   on the services;
//! - the calendar of a user names nobody: a type, a place, a day.

pub mod calendars;
pub mod dashboard;
pub mod dto;
mod entries;
mod handlers;
mod model;
pub mod ops;
mod related;
pub mod store;

use crate::http::Operations;

/// Registers the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("agenda", "What is to be done, the counters of the home page, and the calendars of users.");
    crate::operations!(ops, handlers::{list_agenda});
    dashboard::routes(ops);
    calendars::routes(ops);
}
