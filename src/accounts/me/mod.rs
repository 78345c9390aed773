//! One's own account: who am I, the password, the second factor.
//!
//! Invariants: what weakens an account asks for the password again, and counts as an attempt to sign in; a code of an
//! authenticator works once.

pub mod dto;
mod handlers;
pub mod ops;
mod store;
mod totp;

use crate::http::Operations;

pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_me, change_password, begin_second_factor, confirm_second_factor, remove_second_factor});
}
