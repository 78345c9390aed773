//! Use cases of the caller's own account.

use std::collections::HashMap;

use super::dto::{Me, RecoveryCodes, SecondFactorSecret, ServicePermissions};
use super::store::{self, Factors};
use super::totp::{Authenticator, SECRET_BYTES};
use crate::accounts::attempts::{self, Attempt};
use crate::accounts::sessions;
use crate::auth::{Permission, Permissions, Principal, Role, Vouched, VouchedUser};
use crate::db::Id;
use crate::error::{ApiError, Code, Text};
use crate::notices::{Notice, NoticeKind};
use crate::privacy::{Place, random_bytes};
use crate::trail::{ChangeKind, Resource};
use crate::work::Work;

/// Number of recovery codes of a second factor.
const RECOVERY_CODES: usize = 10;

/// The principal of the token, with the names that a screen shows.
pub fn me(work: &mut Work<'_>, principal: &Principal, second_factor_missing: bool) -> Result<Me, ApiError> {
    let services: Vec<Id> = principal.grants.iter().map(|(service, _)| *service).collect();
    let (mut accounts, services, roles) = store::around(work.conn, principal.id, &services)?;
    let (display_name, confirmed_at) = accounts.pop().unwrap_or_default();
    let names: HashMap<Id, String> = services.into_iter().collect();
    let roles: HashMap<Id, Role> = roles.into_iter().collect();
    let service = |(service_id, permissions): &(Id, Permissions)| ServicePermissions {
        service_id: *service_id,
        service_name: names.get(service_id).cloned().unwrap_or_default(),
        role: roles.get(service_id).copied(),
        permissions: permissions.iter().collect(),
    };
    Ok(Me {
        id: principal.id.to_string(),
        display_name,
        administrator: principal.everywhere.contains(Permission::AccountsWrite),
        second_factor: confirmed_at.is_some(),
        second_factor_missing,
        services: principal.grants.iter().map(service).collect(),
    })
}

/// Who a user is, and the hash of their password.
#[derive(Debug)]
pub struct Owner {
    /// The e-mail address.
    pub email: String,
    /// The name that colleagues see.
    pub display_name: String,
    /// The hash of the password.
    pub password_hash: String,
}

/// Who a user is, and the hash of their password.
pub fn owner(work: &mut Work<'_>, user: Id) -> Result<Owner, ApiError> {
    let Factors { vouched: VouchedUser { email, password_hash, .. }, display_name } =
        store::factors(work.conn, work.vault.authority_key(), user)?;
    Ok(Owner { email, display_name, password_hash })
}

/// Sets a password, hashed before the transaction. Ends every session, including those of anyone who knew the old
/// password.
pub fn set_password(work: &mut Work<'_>, user: &VouchedUser, hash: &str) -> Result<(), ApiError> {
    let new = VouchedUser { password_hash: hash.to_owned(), version: user.version + 1, ..user.clone() };
    ApiError::require_first(store::set_password(work.conn, user, &new.vouched(work.vault.authority_key()), work.now)?)?;
    work.notify(Notice::of_user(NoticeKind::PasswordChanged, user.id));
    sessions::end_all(work, user.id)
}

/// [`set_password`] by the owner, who has proved that they know the old one.
pub fn change_password(
    work: &mut Work<'_>,
    user: Id,
    otp: Option<&str>,
    hash: &str,
    attempt: &Attempt,
) -> Result<(), ApiError> {
    let read = check_second_factor(work, user, otp)?;
    attempts::uncount(work, attempt)?;
    set_password(work, &read, hash)
}

/// Generates a secret for an authenticator application. Sign-in requires no code until it is confirmed.
pub fn begin_second_factor(work: &mut Work<'_>, user: Id, attempt: &Attempt) -> Result<SecondFactorSecret, ApiError> {
    attempts::uncount(work, attempt)?;
    let Factors { vouched: read, .. } = store::factors(work.conn, work.vault.authority_key(), user)?;
    if read.totp_confirmed_at.is_some() {
        return Err(ApiError::new(Code::Conflict).detail(
            "Ce compte a déjà un second facteur : le supprimer d'abord.",
            "This account already has a second factor: remove it first.",
        ));
    }
    let secret = random_bytes::<SECRET_BYTES>();
    let authenticator = Authenticator::new(&secret, &read.email)?;
    let sealed = work.vault.seal_deployment_secret(secret_at(user.as_str()), &secret)?;
    let new = VouchedUser { sealed_totp_secret: Some(sealed), ..read.clone() }.vouched(work.vault.authority_key());
    ApiError::require_first(store::set_secret(work.conn, &read, &new)?)?;
    work.account_changed(Resource::User, user, ChangeKind::Updated);
    Ok(SecondFactorSecret { secret: authenticator.secret(), uri: authenticator.uri()? })
}

/// Confirms the secret with a first code: from then on, sign-in requires one.
///
/// The other sessions end: whoever began one with the password alone must prove the second factor too.
pub fn confirm_second_factor(
    work: &mut Work<'_>,
    user: Id,
    otp: &str,
    attempt: &Attempt,
    session: Option<Id>,
) -> Result<RecoveryCodes, ApiError> {
    let Factors { vouched: read, .. } = store::factors(work.conn, work.vault.authority_key(), user)?;
    let waiting = read.totp_confirmed_at.is_none();
    let authenticator = authenticator(work, &read)?.filter(|_| waiting).ok_or_else(|| {
        ApiError::new(Code::Conflict).detail(
            "Aucun second facteur n'est en attente de confirmation.",
            "No second factor is waiting to be confirmed.",
        )
    })?;
    let Some(step) = authenticator.step_of(otp, work.now) else {
        let wrong = Text::new(
            "Ce code n'est pas celui de l'application d'authentification.",
            "This is not the current code of the authenticator application.",
        );
        return Err(ApiError::rule("/otp", "wrong_code", wrong));
    };
    let new = VouchedUser { totp_confirmed_at: Some(work.now), version: read.version + 1, ..read.clone() };
    let new = new.vouched(work.vault.authority_key());
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
    let macs: Vec<Vec<u8>> = codes.iter().map(|code| recovery_mac(work, user, code)).collect();
    ApiError::require_first(store::confirm(work.conn, &read, (&new, work.now), step, &macs)?)?;
    attempts::uncount(work, attempt)?;
    sessions::end_others(work, user, session)?;
    work.notify(Notice::of_user(NoticeKind::SecondFactorEnabled, user));
    Ok(RecoveryCodes { codes })
}

/// Removes the caller's own second factor, given one of its codes.
pub fn remove_second_factor(
    work: &mut Work<'_>,
    user: Id,
    otp: Option<&str>,
    attempt: &Attempt,
) -> Result<(), ApiError> {
    let read = check_second_factor(work, user, otp)?;
    attempts::uncount(work, attempt)?;
    work.notify(Notice::of_user(NoticeKind::SecondFactorRemoved, user));
    clear_second_factor(work, &read).map(drop)
}

/// Deletes a user's second factor and recovery codes. Returns the user without them.
pub fn clear_second_factor(work: &mut Work<'_>, user: &VouchedUser) -> Result<VouchedUser, ApiError> {
    let version = user.version + 1;
    let new = VouchedUser { sealed_totp_secret: None, totp_confirmed_at: None, version, ..user.clone() };
    let new = new.vouched(work.vault.authority_key());
    ApiError::require_first(store::clear_second_factor(work.conn, user, &new, work.now)?)?;
    work.account_changed(Resource::User, user.id, ChangeKind::Updated);
    Ok(new)
}

/// Checks a code against the second factor of a user, if they have one. A valid code is used up. Returns the user.
pub fn check_second_factor(work: &mut Work<'_>, user: Id, otp: Option<&str>) -> Result<VouchedUser, ApiError> {
    let Factors { vouched: read, .. } = store::factors(work.conn, work.vault.authority_key(), user)?;
    check_code(work, &read, otp)?;
    Ok(read)
}

/// [`check_second_factor`] of a user who was read.
pub fn check_code(work: &mut Work<'_>, user: &VouchedUser, otp: Option<&str>) -> Result<(), ApiError> {
    if user.totp_confirmed_at.is_none() {
        return Ok(());
    }
    let Some(authenticator) = authenticator(work, user)? else { return Ok(()) };
    let otp = otp.ok_or_else(|| ApiError::new(Code::SecondFactorRequired))?;
    if let Some(step) = authenticator.step_of(otp, work.now)
        && store::use_step(work.conn, user.id, step)?
    {
        return Ok(());
    }
    let mac = recovery_mac(work, user.id, otp);
    if store::use_recovery_code(work.conn, user.id, &mac)? {
        work.account_changed(Resource::User, user.id, ChangeKind::Updated);
        return Ok(());
    }
    Err(ApiError::new(Code::InvalidGrant)
        .detail("Ce code est incorrect ou a déjà été utilisé.", "This code is wrong or was already used."))
}

fn authenticator(work: &Work<'_>, user: &VouchedUser) -> Result<Option<Authenticator>, ApiError> {
    let Some(sealed) = &user.sealed_totp_secret else { return Ok(None) };
    let secret = work.vault.open_deployment_secret(secret_at(user.id.as_str()), sealed)?;
    Authenticator::new(&secret, &user.email).map(Some)
}

fn secret_at(user: &str) -> Place<'_> {
    Place { table: "users", column: "sealed_totp_secret", row: user }
}

/// A code of 128 random bits, in groups that are easy to read out.
fn recovery_code() -> String {
    let groups = random_bytes::<16>();
    groups.chunks(2).map(|pair| format!("{:02x}{:02x}", pair[0], pair[1])).collect::<Vec<_>>().join("-")
}

/// The stored MAC of a recovery code. Case and separators do not matter.
fn recovery_mac(work: &Work<'_>, user: Id, code: &str) -> Vec<u8> {
    let normalised: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    work.vault.accounts_key().tag(&[b"recovery code", user.as_str().as_bytes(), normalised.as_bytes()]).to_vec()
}
