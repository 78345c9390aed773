//! The sessions of users. A session is what follows one sign-in; [`super::tokens`] starts and renews it.
//!
//! Invariants: when a session ends, its refresh tokens are deleted and its access tokens are revoked; a user sees and ends
//! only their own.

pub mod dto;
mod handlers;
mod ops;
mod store;

pub use ops::{end, end_all, end_others, revoke_tokens};

use crate::http::Operations;

pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{list_sessions, end_other_sessions, end_session});
}
