//! Users, as managers and administrators see them.
//!
//! Invariants: a manager manages only accounts whose every role is in their services; only an administrator can disable
//! or reset an account that has a role elsewhere or administers the deployment; the last administrator cannot be
//! removed; a user cannot disable their own account; a change of rights takes effect on every instance within five
//! seconds.

pub mod dto;
mod handlers;
pub mod ops;
pub mod resets;
mod store;

use crate::http::Operations;

pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(
        ops,
        handlers::{
            list_users,
            get_user,
            update_user,
            set_user_role,
            disable_user,
            enable_user,
            create_password_reset,
            reset_second_factor,
            reset_password,
        }
    );
}
