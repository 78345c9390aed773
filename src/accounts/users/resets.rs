//! Use cases of password resets.

use super::dto::PasswordReset;
use super::ops::{UserRow, held, may_manage, refuse_self, require_management};
use super::store;
use crate::accounts::attempts::{self, Attempt};
use crate::accounts::{authority, me};
use crate::auth::{PrincipalId, ServiceScope, Vouched, VouchedReset};
use crate::error::{ApiError, Text};
use crate::notices::NoticeKind;
use crate::privacy::{random_token, sha256};
use crate::trail::{ChangeKind, Resource};
use crate::work::Work;

/// Hours until a password reset expires.
const RESET_HOURS: i64 = 24;

/// Creates a one-time token to set a password. It replaces an earlier one.
pub fn begin(work: &mut Work<'_>, scope: &ServiceScope, row: &UserRow) -> Result<PasswordReset, ApiError> {
    let held = held(work, row.id)?;
    require_management(scope, row, &held)?;
    refuse_self(work, row, "POST /v1/me/password")?;
    let token = random_token("res");
    let expires_at = work.now.plus(chrono::Duration::hours(RESET_HOURS));
    let token_hash = sha256(token.as_bytes());
    let reset = VouchedReset { user_id: row.id, token_hash, expires_at, issued_by: Some(work.author()), mac: None };
    store::replace_reset(work.conn, &reset.vouched(work.vault.authority_key()))?;
    let services = held.memberships.into_iter().map(|held| held.service_id);
    authority::tell(work, NoticeKind::PasswordResetIssued, row.id, services);
    work.account_changed(Resource::User, row.id, ChangeKind::Updated);
    Ok(PasswordReset { token, expires_at })
}

/// The user of a token, before the password is hashed. The right of its issuer is checked when it is used.
pub fn require(work: &mut Work<'_>, token: &str) -> Result<UserRow, ApiError> {
    store::of_reset(work.conn, work.vault.authority_key(), &sha256(token.as_bytes()), work.now)?.ok_or_else(unusable)
}

/// Sets a password with a one-time token. Checks the second factor, if there is one. The password was hashed before the
/// transaction, for `user` as they were read then: if they have changed since, nothing is set.
pub fn take(
    work: &mut Work<'_>,
    user: &UserRow,
    (token, password_hash): (&str, &str),
    otp: Option<&str>,
    attempt: &Attempt,
) -> Result<(), ApiError> {
    // Used up before the right is checked: a concurrent loss of this right withdraws the token first or comes after its use.
    let reset = store::take_reset(work.conn, work.vault.authority_key(), &sha256(token.as_bytes()), work.now)?;
    require_authority(work, reset, user)?;
    me::ops::check_code(work, &user.vouched, otp)?;
    attempts::uncount(work, attempt)?;
    work.call.principal = PrincipalId::User(user.id);
    me::ops::set_password(work, &user.vouched, password_hash)
}

/// Refuses a reset that its issuer could not issue again: they lost the right, or the user has rights now that the issuer
/// does not govern.
fn require_authority(work: &mut Work<'_>, reset: Option<VouchedReset>, user: &UserRow) -> Result<(), ApiError> {
    let reset = reset.filter(|reset| reset.user_id == user.id).ok_or_else(unusable)?;
    let scope = authority::scope_of(work, reset.issued_by.as_deref())?;
    if scope == ServiceScope::All {
        return Ok(());
    }
    let held = held(work, user.id)?;
    if !held.services.is_empty() && may_manage(&scope, user, &held) { Ok(()) } else { Err(unusable()) }
}

fn unusable() -> ApiError {
    let message = Text::new(
        "Ce jeton est inconnu, expiré, retiré ou déjà utilisé.",
        "This token is unknown, expired, withdrawn or already used.",
    );
    ApiError::rule("/token", "reset_unusable", message)
}
