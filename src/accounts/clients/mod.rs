//! API clients: programs, and partner institutions.
//!
//! Invariants: a secret is returned only once; a client that has an expiry date or allowed networks cannot call after
//! the date or from elsewhere; a partner's client has no right to any child's data; a manager manages only clients
//! whose services are all theirs.

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
            confirm_client,
        }
    );
}
