//! Attendances of referents: days of training, follow-up meetings and themed days, recorded one by one or per event.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on attendances.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
            create_referent_attendance,
            create_referent_attendances,
            list_referent_attendances,
            delete_referent_attendance,
        }
    );
}
