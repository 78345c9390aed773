//! Instalments and payments: amounts due by date, called, received, waived.
//!
//! ```text
//! planned → called → received          overdue: called, and past its due date
//!    └────────┴→ waived                the standing is computed from dates and amounts
//! ```
//! The amounts received and waived never exceed the amount due: a database constraint.

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Registers the operations on instalments and payments.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        list_instalments, list_unpaid_instalments, get_instalment, call_instalment, waive_instalment, create_payment,
        list_payments, delete_payment
    });
}
