//! Use cases of sessions.

use super::dto::{SessionPage, UserSession};
use super::store;
use crate::auth::revoke;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::PageRequest;
use crate::trail::{ChangeKind, Resource};
use crate::work::Work;

/// A page of the open sessions of a user, latest first. `current` is that of the caller.
pub(super) fn list(
    work: &mut Work<'_>,
    user: Id,
    current: Option<Id>,
    page: &PageRequest,
) -> Result<SessionPage, ApiError> {
    let (rows, info) = store::list(work.conn, user, work.now, page)?;
    let data = rows.into_iter().map(|row| UserSession { current: current == Some(row.session_id), ..row.into() });
    Ok(SessionPage { data: data.collect(), page: info })
}

/// Ends a session.
pub fn end(work: &mut Work<'_>, session: Id) -> Result<(), ApiError> {
    store::delete(work.conn, session)?;
    revoke_tokens(work, session.as_str())
}

/// Revokes an access token, or those of a session, by identifier.
pub fn revoke_tokens(work: &mut Work<'_>, revoked: &str) -> Result<(), ApiError> {
    Ok(revoke(work.conn, &mut work.later, work.vault.authority_key(), revoked, work.now)?)
}

/// Ends one of the sessions of a user.
pub(super) fn end_own(work: &mut Work<'_>, user: Id, session: Id) -> Result<(), ApiError> {
    if !store::of_user(work.conn, user)?.contains(&session) {
        return Err(ApiError::not_found());
    }
    end(work, session)?;
    work.account_changed(Resource::User, user, ChangeKind::Updated);
    Ok(())
}

/// Ends every session of a user.
pub fn end_all(work: &mut Work<'_>, user: Id) -> Result<(), ApiError> {
    end_others(work, user, None)
}

/// Ends every session of a user but one.
pub fn end_others(work: &mut Work<'_>, user: Id, kept: Option<Id>) -> Result<(), ApiError> {
    for session in store::delete_of_user(work.conn, user, kept)? {
        revoke_tokens(work, session.as_str())?;
    }
    work.account_changed(Resource::User, user, ChangeKind::Updated);
    Ok(())
}
