//! Use cases of the caller's own account.

use super::dto::{RecoveryCodes, SecondFactorSecret};
use super::store::{self, Factors};
use super::totp::{Authenticator, SECRET_BYTES};
use crate::accounts::attempts::{self, Attempt};
use crate::accounts::sessions;
use crate::auth::{Vouched, VouchedUser};
use crate::db::Id;
use crate::error::{ApiError, Code, Text};
use crate::notices::{Notice, NoticeKind};
use crate::privacy::{Place, random_bytes};
use crate::trail::{ChangeKind, Resource};
use crate::work::Work;

/// Number of recovery codes of a second factor.
const RECOVERY_CODES: usize = 10;

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

/// Whether signing in requires a second factor.
pub fn has_second_factor(work: &mut Work<'_>, user: Id) -> Result<bool, ApiError> {
    Ok(store::factors(work.conn, work.vault.authority_key(), user)?.vouched.totp_confirmed_at.is_some())
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
    ApiError::require_first(store::confirm(work.conn, &read, &new, step, work.now)?)?;
    attempts::uncount(work, attempt)?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
    let macs: Vec<Vec<u8>> = codes.iter().map(|code| recovery_mac(work, user, code)).collect();
    store::replace_recovery_codes(work.conn, user, &macs)?;
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
    clear_second_factor(work, &read)
}

/// Deletes a user's second factor and recovery codes.
pub fn clear_second_factor(work: &mut Work<'_>, user: &VouchedUser) -> Result<(), ApiError> {
    let version = user.version + 1;
    let new = VouchedUser { sealed_totp_secret: None, totp_confirmed_at: None, version, ..user.clone() };
    let new = new.vouched(work.vault.authority_key());
    ApiError::require_first(store::clear_second_factor(work.conn, user, &new, work.now)?)?;
    work.account_changed(Resource::User, user.id, ChangeKind::Updated);
    Ok(())
}

/// Checks a code against the second factor of a user, if they have one. A valid code is used up. Returns the user.
pub fn check_second_factor(work: &mut Work<'_>, user: Id, otp: Option<&str>) -> Result<VouchedUser, ApiError> {
    let Factors { vouched: read, .. } = store::factors(work.conn, work.vault.authority_key(), user)?;
    if read.totp_confirmed_at.is_none() {
        return Ok(read);
    }
    let Some(authenticator) = authenticator(work, &read)? else { return Ok(read) };
    let otp = otp.ok_or_else(|| ApiError::new(Code::SecondFactorRequired))?;
    if let Some(step) = authenticator.step_of(otp, work.now)
        && store::use_step(work.conn, user, step)?
    {
        return Ok(read);
    }
    let mac = recovery_mac(work, user, otp);
    if store::use_recovery_code(work.conn, user, &mac)? {
        work.account_changed(Resource::User, user, ChangeKind::Updated);
        return Ok(read);
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
