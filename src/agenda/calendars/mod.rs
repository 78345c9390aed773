//! The agenda of a user for calendar applications, at a secret address that can be revoked: the mechanism of the calendars
//! of the kits (`lending::calendar`), which share the file format.
//!
//! Invariants: the address is returned once, and its token is stored as a hash; the calendar names nobody, not even by
//! initials: a type of place, a day; it shows what its user may read at that moment, and stops with their account or role.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on the calendars of users.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
            create_agenda_calendar,
            list_agenda_calendars,
            delete_agenda_calendar,
            read_agenda_calendar,
        }
    );
}
