//! The end of a user's sessions. A session is what follows one sign-in; [`super::tokens`] starts and renews it.
//!
//! Invariant: when a session ends, its refresh tokens are deleted and its access tokens are revoked.

mod store;

use crate::auth::revoke;
use crate::db::Id;
use crate::error::ApiError;
use crate::trail::{ChangeKind, Resource};
use crate::work::Work;

/// Ends a session.
pub fn end(work: &mut Work<'_>, session: Id) -> Result<(), ApiError> {
    store::delete(work.conn, session)?;
    Ok(revoke(work.conn, session.as_str(), work.now)?)
}

/// Ends every session of a user.
pub fn end_all(work: &mut Work<'_>, user: Id) -> Result<(), ApiError> {
    for session in store::of_user(work.conn, user)? {
        end(work, session)?;
    }
    work.account_changed(Resource::User, user, ChangeKind::Updated);
    Ok(())
}
