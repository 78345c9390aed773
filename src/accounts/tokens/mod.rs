//! Tokens: the OAuth 2 endpoints.
//!
//! Invariants: a refresh token works once, and a second use ends the session; every instance refuses a revoked token
//! within five seconds.

pub mod dto;
mod handlers;
pub mod ops;
mod store;

use crate::http::Operations;

pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{create_token, revoke_token, list_public_keys, describe_authorization_server});
}
