//! Accounts: users, API clients, invitations, and the token endpoint.
//!
//! Invariants: an account starts with a one-time invitation that expires; secrets are returned only once and stored as
//! hashes; an administrator has no right to any child's data; a manager grants rights in their own service only, and
//! manages only accounts whose every role is in that service; what a person has issued lasts no longer than their right
//! to issue it; sign-in attempts are limited.
//!
//! - [`tokens`]: sign-in, refresh, sign-out; the signing keys. [`sessions`]: what follows a sign-in, and how it ends.
//! - [`me`]: the caller's own password and second factor. [`notices`]: what they must learn.
//! - [`invitations`], [`users`]: how people join, and who manages their accounts.
//! - [`clients`]: programs and partner institutions.
//! - [`authority`]: who issued what, and whether they still could.
//! - [`names`]: the names of staff in the rows of their service.
//! - [`attempts`]: limits on sign-in attempts. [`passwords`]: verifying a password.

pub mod attempts;
pub mod authority;
pub mod clients;
pub mod invitations;
pub mod me;
pub mod names;
pub mod notices;
pub mod passwords;
pub mod sessions;
pub mod tokens;
pub mod users;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("accounts", "Signing in, users and API clients.");
    tokens::routes(ops);
    me::routes(ops);
    sessions::routes(ops);
    notices::routes(ops);
    invitations::routes(ops);
    users::routes(ops);
    clients::routes(ops);
}
