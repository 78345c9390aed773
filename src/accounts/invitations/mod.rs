//! Invitations: how an account is created, or gets a role in another service.
//!
//! Invariants: a token works once, expires, and works only while its issuer could issue it again; a manager invites into
//! their own service only.

pub mod dto;
mod handlers;
pub mod ops;
mod store;

use crate::http::Operations;

pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{create_invitation, list_invitations, delete_invitation, accept_invitation});
}
