//! Procedures: what others decide for a child, and the service helps the family to obtain. A file at the MDPH, an AEEH, a PAI,
//! a deferred school start, a place in a medico-social service.
//!
//! Invariants:
//! - the days of a procedure are in order: waiting or filed, complete, decided, notified; the state follows from them and is
//!   never stored;
//! - a decision has a day and an outcome, and only what was granted expires;
//! - the note is sealed with the key of the case;
//! - a procedure is recorded in an open case, and goes on after the closing: it can be corrected at any time.
//!
//! ```text
//! in_preparation ─► filed ─► complete ─► decided ─► notified ─► expired
//! waiting ────────────────────────────────┘
//! ```

pub mod correct;
pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on procedures.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_procedure, list_case_procedures, list_procedures, get_procedure, update_procedure, delete_procedure,
        list_procedure_history
    });
}
