//! What an operation requires of its caller.

use crate::auth::Permission;

/// The first argument of a handler: it states who may call.
pub trait Access {
    /// The access that the contract publishes.
    const REQUIRED: RequiredAccess;
}

/// The access that an operation requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequiredAccess {
    /// None: anyone may call.
    None,
    /// Any valid token.
    Token,
    /// A token with this permission in at least one service.
    Permission(Permission),
}
