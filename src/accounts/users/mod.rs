//! Users, as those see them who look after their accounts.
//!
//! Invariants: a manager governs the accounts that belong to their services alone: whoever has a role elsewhere, or
//! administers the deployment, is an administrator's to disable or reset; the last administrator stays; nobody disables
//! themselves; what changes an account's rights is in force on every instance within five seconds.

pub mod dto;
mod handlers;
pub mod ops;
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
