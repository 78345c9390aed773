//! Accounts: users, API clients, invitations, and the token endpoint.
//!
//! Invariants: an account starts by a one-time invitation that expires; secrets are shown once and
//! stored as hashes; an administrator has no right to any child's data; a manager gives rights in
//! their own service only, and governs accounts that are theirs alone; guessing is counted.
//!
//! - [`tokens`]: signing in, going on, signing out; the keys.
//! - [`me`]: one's own password and second factor.
//! - [`invitations`], [`users`]: how people join, and who looks after their accounts.
//! - [`clients`]: programs and partner institutions.
//! - [`attempts`]: what guessing meets.

pub mod attempts;
pub mod clients;
pub mod invitations;
pub mod me;
pub mod tokens;
pub mod users;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("accounts", "Signing in, users and API clients.");
    tokens::routes(ops);
    me::routes(ops);
    invitations::routes(ops);
    users::routes(ops);
    clients::routes(ops);
}
