//! What referents came to: days of training, follow-up meetings, themed days; one by one, or a whole day at once.

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
