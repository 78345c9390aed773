//! Registrations for a collective action: seats requested, waiting list, attendance.
//!
//! A registration comes from an organisation, or from nobody in particular. It gives a type of participant and a number
//! of seats, never a name.
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
pub(super) mod seats;
pub mod store;

use crate::http::Operations;

/// Registers the operations on registrations.
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
