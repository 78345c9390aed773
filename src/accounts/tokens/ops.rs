//! Use cases of tokens: signing in, going on, signing out.

use chrono::Duration;

use super::store::{self, RefreshRow};
use crate::accounts::attempts::{self, Attempt};
use crate::accounts::me;
use crate::auth::{Claims, PrincipalId, revoke as revoke_access, sweep_revocations};
use crate::db::Id;
use crate::error::ApiError;
use crate::networks::Networks;
use crate::privacy::{random_token, sha256};
use crate::trail::{ChangeKind, Resource};
use crate::work::Work;

/// How long a refresh token waits to be used, in hours: from one working day to the next.
const REFRESH_HOURS: i64 = 24;
/// How long a session lasts, in days, however often it is renewed.
const SESSION_DAYS: i64 = 7;

/// A session of a user: what follows one sign-in.
#[derive(Debug)]
pub struct Session {
    /// Identifier, in the access tokens.
    pub id: Id,
    /// The token that continues it, shown this once.
    pub refresh_token: String,
}

/// What a refresh token gets.
#[derive(Debug)]
pub enum Renewal {
    /// The next tokens.
    Continued {
        /// Whose.
        user: Id,
        /// The session, with its next refresh token.
        session: Session,
    },
    /// It was used before: whoever comes second may be a thief, or the first was. The session is ended.
    Reused {
        /// Whose.
        user: Id,
    },
    /// It never was, has expired, or its session was ended.
    Unknown,
}

/// What a client proves itself with.
#[derive(Debug)]
pub struct ClientCredentials {
    /// The secrets' hashes: the present one and, for a while after a change, the former.
    pub hashes: Vec<Vec<u8>>,
    /// The addresses that it may call from; any when absent.
    pub networks: Option<Networks>,
}

/// The credentials of an active client.
pub fn client_credentials(work: &mut Work<'_>, id: Id) -> Result<Option<ClientCredentials>, ApiError> {
    let Some((hash, former, networks)) = store::client_credentials(work.conn, id, work.now)? else { return Ok(None) };
    let former = former.and_then(|(hash, until)| (until > work.now).then_some(hash));
    Ok(Some(ClientCredentials {
        hashes: std::iter::once(hash).chain(former).collect(),
        networks: networks.as_deref().map(Networks::stored),
    }))
}

/// The credentials of an active user: identifier and password hash.
pub fn user_password(work: &mut Work<'_>, email: &str) -> Result<Option<(Id, String)>, ApiError> {
    Ok(store::user_password(work.conn, email)?)
}

/// Addresses are compared without case.
pub fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Notes that a client has signed in: its last use.
pub fn client_signed_in(work: &mut Work<'_>, id: Id, attempt: &Attempt) -> Result<(), ApiError> {
    attempts::give_back(work, attempt)?;
    work.trail.consult(None);
    Ok(store::client_used(work.conn, id, work.now)?)
}

/// Begins a session of a user whose password was right: checks the second factor, if there is one.
pub fn sign_in(work: &mut Work<'_>, user: Id, otp: Option<&str>, attempt: &Attempt) -> Result<Session, ApiError> {
    me::ops::check_second_factor(work, user, otp)?;
    attempts::give_back(work, attempt)?;
    store::user_signed_in(work.conn, user, work.now)?;
    work.trail.consult(None);
    let ends_at = work.now.plus(Duration::days(SESSION_DAYS));
    issue(work, RefreshRow { session_id: Id::at(work.now), user_id: user, session_ends_at: ends_at })
}

/// Uses a refresh token up, and gives the next one.
pub fn renew(work: &mut Work<'_>, token: &str) -> Result<Renewal, ApiError> {
    let hash = sha256(token.as_bytes());
    let goes_on = store::use_refresh_token(work.conn, &hash, work.now)?;
    let Some((row, is_used_up)) = store::refresh_token(work.conn, &hash)? else { return Ok(Renewal::Unknown) };
    if !is_used_up {
        // It has expired.
        return Ok(Renewal::Unknown);
    }
    let user = row.user_id;
    work.call.principal = PrincipalId::User(user);
    work.trail.consult(None);
    if goes_on {
        return Ok(Renewal::Continued { user, session: issue(work, row)? });
    }
    log::warn!("a refresh token of user {user} came back: session {} is ended", row.session_id);
    end_session(work, row.session_id)?;
    Ok(Renewal::Reused { user })
}

fn issue(work: &mut Work<'_>, session: RefreshRow) -> Result<Session, ApiError> {
    let refresh_token = random_token("ref");
    let expires_at = work.now.plus(Duration::hours(REFRESH_HOURS)).min(session.session_ends_at);
    store::insert_refresh_token(work.conn, &session, &sha256(refresh_token.as_bytes()), expires_at)?;
    Ok(Session { id: session.session_id, refresh_token })
}

/// Revokes a token that somebody has: an access token that verifies, or else what may be a refresh token.
pub fn revoke(work: &mut Work<'_>, token: &str, access: Option<&Claims>) -> Result<(), ApiError> {
    if let Some(claims) = access {
        if let Ok(principal) = claims.sub.parse() {
            work.call.principal = principal;
            work.trail.consult(None);
        }
        return Ok(revoke_access(work.conn, &claims.jti, work.now)?);
    }
    let Some((row, _)) = store::refresh_token(work.conn, &sha256(token.as_bytes()))? else { return Ok(()) };
    work.call.principal = PrincipalId::User(row.user_id);
    work.trail.consult(None);
    end_session(work, row.session_id)
}

fn end_session(work: &mut Work<'_>, session: Id) -> Result<(), ApiError> {
    store::delete_session(work.conn, session)?;
    Ok(revoke_access(work.conn, session.as_str(), work.now)?)
}

/// Ends every session of a user: whoever is in has to sign in again.
pub fn end_sessions(work: &mut Work<'_>, user: Id) -> Result<(), ApiError> {
    for session in store::sessions(work.conn, user)? {
        end_session(work, session)?;
    }
    work.account(Resource::User, user, ChangeKind::Updated);
    Ok(())
}

/// Forgets what has expired. For a job.
pub fn sweep(work: &mut Work<'_>) -> Result<(), ApiError> {
    store::delete_expired(work.conn, work.now)?;
    sweep_revocations(work.conn, work.now)?;
    attempts::sweep(work)
}
