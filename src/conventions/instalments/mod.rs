//! Instalments and payments: what is due when, called for, received, given up.
//!
//! ```text
//! planned → called → received          overdue: called, and late
//!    └────────┴→ waived                both computed from dates and sums
//! ```
//! What is received and what is given up never exceed what is due: a constraint of the database.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on instalments and payments.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        list_instalments, list_unpaid_instalments, get_instalment, call_instalment, waive_instalment, create_payment,
        list_payments, delete_payment
    });
}
