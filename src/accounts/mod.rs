//! Accounts: users, API clients, invitations, and the token endpoint.
//!
//! Invariants: an account starts by a one-time invitation that expires; secrets are shown once and
//! stored as hashes; an administrator has no right to any child's data; a manager gives rights in
//! their own service only.

pub mod dto;
mod handlers;
pub mod ops;
mod store;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("accounts", "Signing in, users and API clients.");
    crate::operations!(
        ops,
        handlers::{
            create_token,
            list_public_keys,
            describe_authorization_server,
            get_me,
            create_invitation,
            accept_invitation,
            create_client,
            list_clients,
        }
    );
}
