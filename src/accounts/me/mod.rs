//! The caller's own account: identity and permissions, password, second factor.
//!
//! Invariants: an operation that weakens an account requires the password, and counts as a sign-in attempt; a code of
//! an authenticator works once.

pub mod dto;
mod handlers;
pub mod ops;
mod store;
mod totp;

use crate::http::Operations;

pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_me, change_password, begin_second_factor, confirm_second_factor, remove_second_factor});
}
