//! Use cases of tokens: sign-in, refresh, sign-out.

use chrono::Duration;

use super::store;
use crate::accounts::attempts::{self, Attempt};
use crate::accounts::{me, notices, sessions};
use crate::auth::{Claims, PrincipalId, Vouched, VouchedToken, delete_expired_revocations};
use crate::db::{Id, UtcTs};
use crate::error::ApiError;
use crate::networks::Networks;
use crate::privacy::{random_token, sha256};
use crate::steps;
use crate::work::Work;

/// Hours until a refresh token expires: from one working day to the next.
const REFRESH_HOURS: i64 = 24;
/// Longest session in days, however often it is refreshed.
const SESSION_DAYS: i64 = 7;

/// A session of a user, from one sign-in to the sign-out.
#[derive(Debug)]
pub struct Session {
    /// Identifier, in the access tokens.
    pub id: Id,
    /// The token that renews it, returned only once.
    pub refresh_token: String,
}

/// The outcome of using a refresh token.
#[derive(Debug)]
pub enum Renewal {
    /// The next tokens.
    Continued {
        /// Whose.
        user: Id,
        /// The session, with its next refresh token.
        session: Session,
    },
    /// It was already used: one of the two callers has stolen it. The session has ended.
    Reused {
        /// Whose.
        user: Id,
    },
    /// It does not exist, has expired, or its session has ended.
    Unknown,
}

/// The credentials of a client.
#[derive(Debug)]
pub struct ClientCredentials {
    /// Hashes of its valid secrets: the current one and, for some hours after a rotation, the previous one.
    pub hashes: Vec<Vec<u8>>,
    /// The networks from which it may call; any if absent.
    pub networks: Option<Networks>,
}

/// The credentials of an active client.
pub fn client_credentials(work: &mut Work<'_>, id: Id) -> Result<Option<ClientCredentials>, ApiError> {
    let Some(client) = store::client(work.conn, work.vault.authority_key(), id, work.now)? else { return Ok(None) };
    let is_valid = client.former_secret_until.is_some_and(|until| until > work.now);
    let former = client.former_secret_hash.filter(|_| is_valid);
    Ok(Some(ClientCredentials {
        hashes: std::iter::once(client.secret_hash).chain(former).collect(),
        networks: client.networks.as_deref().map(Networks::stored),
    }))
}

/// The credentials of an active user: identifier and password hash.
pub fn user_password(work: &mut Work<'_>, email: &str) -> Result<Option<(Id, String)>, ApiError> {
    Ok(store::user(work.conn, work.vault.authority_key(), email)?.map(|user| (user.id, user.password_hash)))
}

/// An e-mail address as it is stored: addresses are compared without case.
pub fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Records that a client has signed in.
pub fn client_signed_in(work: &mut Work<'_>, id: Id, attempt: &Attempt) -> Result<(), ApiError> {
    attempts::uncount(work, attempt)?;
    work.trail.consult(None);
    Ok(store::client_used(work.conn, id, work.now)?)
}

/// Starts a session for a user whose password was verified. Checks the second factor, if there is one.
pub fn sign_in(work: &mut Work<'_>, user: Id, otp: Option<&str>, attempt: &Attempt) -> Result<Session, ApiError> {
    me::ops::check_second_factor(work, user, otp)?;
    attempts::succeed(work, attempt)?;
    work.trail.consult(None);
    let ends_at = work.now.plus(Duration::days(SESSION_DAYS));
    issue(work, user, (Id::at(work.now), ends_at), true)
}

/// Uses up a refresh token and issues the next one.
pub fn renew(work: &mut Work<'_>, token: &str) -> Result<Renewal, ApiError> {
    let read = store::refresh_token(work.conn, work.vault.authority_key(), &sha256(token.as_bytes()))?;
    let Some(row) = read else { return Ok(Renewal::Unknown) };
    if row.used_at.is_none() && row.expires_at <= work.now {
        return Ok(Renewal::Unknown);
    }
    let used_now =
        row.used_at.is_none() && store::use_refresh_token(work.conn, work.vault.authority_key(), &row, work.now)?;
    let user = row.user_id;
    work.call.principal = PrincipalId::User(user);
    work.trail.consult(None);
    if used_now {
        let session = issue(work, user, (row.session_id, row.session_ends_at), false)?;
        return Ok(Renewal::Continued { user, session });
    }
    log::warn!("a refresh token of user {user} was used twice: session {} has ended", row.session_id);
    sessions::end(work, row.session_id)?;
    Ok(Renewal::Reused { user })
}

/// Issues a refresh token of a session, which ends at an instant. `signed_in` if it begins the session.
fn issue(
    work: &mut Work<'_>,
    user_id: Id,
    (session_id, session_ends_at): (Id, UtcTs),
    signed_in: bool,
) -> Result<Session, ApiError> {
    let refresh_token = random_token("ref");
    let expires_at = work.now.plus(Duration::hours(REFRESH_HOURS)).min(session_ends_at);
    let (token_hash, from) = (sha256(refresh_token.as_bytes()), work.call.address.map(|address| address.to_string()));
    let row = VouchedToken { token_hash, session_id, user_id, used_at: None, expires_at, session_ends_at, mac: None };
    store::insert_refresh_token(work.conn, &row.vouched(work.vault.authority_key()), (work.now, from), signed_in)?;
    Ok(Session { id: session_id, refresh_token })
}

/// Revokes an access token, if `access` has its verified claims, or else a refresh token, if `token` is one.
pub fn revoke(work: &mut Work<'_>, token: &str, access: Option<&Claims>) -> Result<(), ApiError> {
    if let Some(claims) = access {
        if let Ok(principal) = claims.sub.parse() {
            work.call.principal = principal;
            work.trail.consult(None);
        }
        return sessions::revoke_tokens(work, &claims.jti);
    }
    let read = store::refresh_token(work.conn, work.vault.authority_key(), &sha256(token.as_bytes()))?;
    let Some(row) = read else { return Ok(()) };
    work.call.principal = PrincipalId::User(row.user_id);
    work.trail.consult(None);
    sessions::end(work, row.session_id)
}

/// One step of a background job: deletes expired tokens, revocations and attempt counters, a bounded number of each.
/// Returns whether some may be left.
pub fn sweep(work: &mut Work<'_>) -> Result<bool, ApiError> {
    let limit = steps::rows(work.conn);
    let deleted = [
        store::delete_expired(work.conn, work.now, limit)?,
        delete_expired_revocations(work.conn, work.now, limit)?,
        attempts::sweep(work, limit)?,
        notices::ops::sweep(work, limit)?,
    ];
    Ok(deleted.contains(&limit))
}
