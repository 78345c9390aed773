//! Registrations for a collective action: seats that somebody asks for, who waits, who came.
//!
//! Whoever asks is an organisation or nobody in particular; people are a kind and a number of seats, and have no name here.
//!
//! ```text
//! waiting ─────────► registered ──► attended ◄─► absent
//!    │  seats are free    │   attendance
//!    └──► cancelled ◄─────┘
//! ```

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub(in crate::actions) mod seats;
pub mod store;

use crate::http::Operations;

/// Adds the operations on registrations.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
            create_action_registration,
            list_action_registrations,
            get_action_registration,
            update_action_registration,
            cancel_action_registration,
            note_action_attendance,
        }
    );
}
