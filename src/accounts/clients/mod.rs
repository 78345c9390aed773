//! API clients: programs, and partner institutions.
//!
//! Invariants: a secret is shown once; a client calls from its addresses and until its end, if it has either; a partner's
//! client holds no right to any child's data; a manager governs the clients of their services alone.

pub mod dto;
mod handlers;
pub mod ops;
mod store;

use crate::http::Operations;

pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(
        ops,
        handlers::{
            create_client,
            list_clients,
            get_client,
            update_client,
            create_client_secret,
            disable_client,
            enable_client,
        }
    );
}
