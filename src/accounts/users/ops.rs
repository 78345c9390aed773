//! Use cases of users.

use super::dto::{Membership, PasswordReset, RoleChange, User, UserFilter, UserPage, UserPatch};
use super::store;
use crate::accounts::attempts::{self, Attempt};
use crate::accounts::authority::Standing;
use crate::accounts::tokens::ops::normal_email;
use crate::accounts::{authority, me, sessions};
use crate::auth::{PrincipalId, Role, ServiceScope, Vouched, VouchedMembership, VouchedReset, VouchedUser};
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Text};
use crate::http::page::List;
use crate::notices::NoticeKind;
use crate::privacy::{random_token, sha256};
use crate::services;
use crate::trail::{ChangeKind, Resource};
use crate::work::Work;

pub use super::store::UserRow;

/// Hours until a password reset expires.
const RESET_HOURS: i64 = 24;

/// A page of the users in scope.
pub fn list(work: &mut Work<'_>, scope: &ServiceScope, list: &List<UserFilter>) -> Result<UserPage, ApiError> {
    let (rows, info) = store::list(work.conn, work.vault.authority_key(), scope, &list.filter, &list.page)?;
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut held = store::held(work.conn, work.vault.authority_key(), scope, &ids, work.now)?;
    let data = rows.into_iter().map(|row| {
        let held = held.remove(&row.id).unwrap_or_default();
        row.into_user(held)
    });
    Ok(UserPage { data: data.collect(), page: info })
}

/// Every user, for the command line.
pub fn all(work: &mut Work<'_>) -> Result<Vec<UserRow>, ApiError> {
    Ok(store::all(work.conn)?)
}

/// The row of a user in scope, for a use case to change.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<UserRow, ApiError> {
    Ok(store::get(work.conn, work.vault.authority_key(), scope, id)?)
}

/// The row of a user by their e-mail address, for the command line.
pub fn find_by_email(work: &mut Work<'_>, email: &str) -> Result<UserRow, ApiError> {
    Ok(store::by_email(work.conn, work.vault.authority_key(), &normal_email(email))?)
}

/// One user in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<User, ApiError> {
    let row = store::get(work.conn, work.vault.authority_key(), scope, id)?;
    show(work, scope, row)
}

fn show(work: &mut Work<'_>, scope: &ServiceScope, row: UserRow) -> Result<User, ApiError> {
    let held = store::held(work.conn, work.vault.authority_key(), scope, &[row.id], work.now)?
        .remove(&row.id)
        .unwrap_or_default();
    Ok(row.into_user(held))
}

/// Whether an e-mail address has an account.
pub fn is_email_taken(work: &mut Work<'_>, email: &str) -> Result<bool, ApiError> {
    Ok(store::is_email_taken(work.conn, email)?)
}

/// Creates a user without roles.
pub fn create(
    work: &mut Work<'_>,
    email: &str,
    display_name: &str,
    password_hash: &str,
    administrator: bool,
) -> Result<Id, ApiError> {
    let id = Id::at(work.now);
    let user = VouchedUser {
        id,
        email: email.to_owned(),
        password_hash: password_hash.to_owned(),
        administrator,
        disabled_at: None,
        sealed_totp_secret: None,
        totp_confirmed_at: None,
        version: 1,
        mac: None,
    };
    store::insert(work.conn, &user.vouched(work.vault.authority_key()), display_name, work.now)?;
    work.account_changed(Resource::User, id, ChangeKind::Created);
    if administrator {
        authority::administrator_changed(work, id, true);
    }
    Ok(id)
}

/// Corrects a user.
pub fn correct(work: &mut Work<'_>, scope: &ServiceScope, row: &UserRow, patch: &UserPatch) -> Result<User, ApiError> {
    let mut new = row.clone();
    if let Some(administrator) = patch.administrator.filter(|administrator| *administrator != row.administrator) {
        if *scope != ServiceScope::All {
            return Err(ApiError::new(Code::Forbidden).detail(
                "Seule l'administration du déploiement peut modifier `administrator`.",
                "Only an administrator can change `administrator`.",
            ));
        }
        if !administrator {
            require_another_administrator(work, row)?;
        }
        new.administrator = administrator;
        authority::administrator_changed(work, row.id, administrator);
        authority::withdraw_all(work, row.id)?;
    }
    if let Some(name) = patch.display_name.as_ref().filter(|name| **name != row.display_name) {
        require_management(work, scope, row)?;
        new.display_name.clone_from(name);
    }
    if (&new.display_name, new.administrator) == (&row.display_name, row.administrator) {
        return show(work, scope, new);
    }
    save(work, scope, row, new)
}

/// Gives or takes a role in a service of the scope.
pub fn set_role(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    row: &UserRow,
    change: &RoleChange,
) -> Result<User, ApiError> {
    services::ops::require(work, scope, change.service_id, "/service_id")?;
    let giver = work.call.principal;
    let changed = place(work, (row.id, row.administrator), change.service_id, change.role, giver)?;
    // A user without any role left in the scope is no longer visible in it, but this response still returns them.
    let user = if changed {
        save(work, &ServiceScope::All, row, row.clone())?
    } else {
        show(work, &ServiceScope::All, row.clone())?
    };
    let memberships = user.memberships.into_iter().filter(|held| scope.contains(held.service_id)).collect();
    Ok(User { memberships, ..user })
}

/// Gives or takes a role. One that an administrator gives to themselves waits for a second person. Returns whether
/// anything changed.
fn place(
    work: &mut Work<'_>,
    user: (Id, bool),
    service: Id,
    role: Option<Role>,
    giver: PrincipalId,
) -> Result<bool, ApiError> {
    let held = (user.0, service);
    let before = store::standing(work.conn, work.vault.authority_key(), user.0, service)?;
    let after = match role {
        None => {
            store::delete_role(work.conn, user.0, service)?;
            None
        }
        Some(role) => {
            let in_force = before.filter(|before| !before.pending).map(|before| before.role);
            let pending = authority::role_needs_second_person(work, giver, held, (in_force, role))?;
            let requested_by = pending.then(|| giver.to_string());
            set_role_row(work, held, role, requested_by)?;
            Some(Standing { role, pending })
        }
    };
    authority::role_changed(work, user, service, before, after);
    if before != after {
        authority::withdraw_all(work, user.0)?;
    }
    Ok(before != after)
}

/// Gives a new account its first role.
pub fn set_first_role(work: &mut Work<'_>, user: (Id, bool), service: Id, role: Role) -> Result<(), ApiError> {
    set_role_row(work, (user.0, service), role, None)?;
    authority::role_changed(work, user, service, None, Some(Standing { role, pending: false }));
    Ok(())
}

fn set_role_row(
    work: &mut Work<'_>,
    (user_id, service_id): (Id, Id),
    role: Role,
    requested_by: Option<String>,
) -> Result<(), ApiError> {
    let row = VouchedMembership { user_id, service_id, role, requested_by, mac: None };
    Ok(store::set_role(work.conn, &row.vouched(work.vault.authority_key()))?)
}

/// Gives an existing account the role of an accepted invitation: there is no version to check. An administrator who accepts
/// their own invitation gives the role to themselves.
pub fn give_role(
    work: &mut Work<'_>,
    user: Id,
    service: Id,
    role: Role,
    issuer: Option<PrincipalId>,
) -> Result<(), ApiError> {
    // The account is changed first, which locks it: two roles at once follow each other.
    let row = next_version(work, user, |_| ())?;
    place(work, (user, row.administrator), service, Some(role), issuer.unwrap_or(PrincipalId::Local)).map(drop)
}

/// Makes a user an administrator, by an accepted invitation.
pub fn make_administrator(work: &mut Work<'_>, user: Id) -> Result<(), ApiError> {
    next_version(work, user, |user| user.administrator = true)?;
    authority::administrator_changed(work, user, true);
    authority::withdraw_all(work, user)
}

fn next_version(work: &mut Work<'_>, user: Id, change: impl FnOnce(&mut VouchedUser)) -> Result<UserRow, ApiError> {
    let row = store::next_version(work.conn, work.vault.authority_key(), user, work.now, change)?;
    work.account_changed(Resource::User, user, ChangeKind::Updated);
    Ok(row)
}

/// Disables a user and ends their sessions.
pub fn disable(work: &mut Work<'_>, scope: &ServiceScope, row: &UserRow) -> Result<User, ApiError> {
    require_management(work, scope, row)?;
    if work.call.principal == PrincipalId::User(row.id) {
        return Err(ApiError::new(Code::Conflict)
            .detail("Il n'est pas possible de désactiver son propre compte.", "You cannot disable your own account."));
    }
    require_another_administrator(work, row)?;
    sessions::end_all(work, row.id)?;
    authority::withdraw_all(work, row.id)?;
    if row.disabled_at.is_none() {
        status_changed(work, row, false)?;
    }
    let disabled_at = row.disabled_at.or(Some(work.now));
    let mut new = row.clone();
    new.disabled_at = disabled_at;
    save(work, scope, row, new)
}

/// Enables a user.
pub fn enable(work: &mut Work<'_>, scope: &ServiceScope, row: &UserRow) -> Result<User, ApiError> {
    require_management(work, scope, row)?;
    authority::withdraw_all(work, row.id)?;
    if row.disabled_at.is_some() {
        status_changed(work, row, true)?;
    }
    let mut new = row.clone();
    new.disabled_at = None;
    save(work, scope, row, new)
}

/// Records that the roles of a user are in force again, or no longer.
fn status_changed(work: &mut Work<'_>, row: &UserRow, enabled: bool) -> Result<(), ApiError> {
    for Membership { service_id, role, pending } in memberships(work, row.id)? {
        let held = Some(Standing { role, pending });
        let (before, after) = if enabled { (None, held) } else { (held, None) };
        authority::role_changed(work, (row.id, row.administrator), service_id, before, after);
    }
    Ok(())
}

/// Every role of a user.
fn memberships(work: &mut Work<'_>, user: Id) -> Result<Vec<Membership>, ApiError> {
    let held = store::held(work.conn, work.vault.authority_key(), &ServiceScope::All, &[user], work.now)?.remove(&user);
    Ok(held.unwrap_or_default().memberships)
}

/// Removes the second factor of a user and ends their sessions.
pub fn reset_second_factor(work: &mut Work<'_>, scope: &ServiceScope, row: &UserRow) -> Result<User, ApiError> {
    require_management(work, scope, row)?;
    refuse_self(work, row, "POST /v1/me/second-factor/remove")?;
    me::ops::clear_second_factor(work, &row.vouched)?;
    let services = memberships(work, row.id)?.into_iter().map(|held| held.service_id);
    authority::tell(work, NoticeKind::SecondFactorRemoved, row.id, services);
    sessions::end_all(work, row.id)?;
    get(work, scope, row.id)
}

/// Creates a one-time token to set a password. It replaces an earlier one.
pub fn begin_reset(work: &mut Work<'_>, scope: &ServiceScope, row: &UserRow) -> Result<PasswordReset, ApiError> {
    require_management(work, scope, row)?;
    refuse_self(work, row, "POST /v1/me/password")?;
    let token = random_token("res");
    let expires_at = work.now.plus(chrono::Duration::hours(RESET_HOURS));
    let token_hash = sha256(token.as_bytes());
    let reset = VouchedReset { user_id: row.id, token_hash, expires_at, issued_by: Some(work.author()), mac: None };
    store::replace_reset(work.conn, &reset.vouched(work.vault.authority_key()))?;
    let services = memberships(work, row.id)?.into_iter().map(|held| held.service_id);
    authority::tell(work, NoticeKind::PasswordResetIssued, row.id, services);
    work.account_changed(Resource::User, row.id, ChangeKind::Updated);
    Ok(PasswordReset { token, expires_at })
}

/// The user of a token, before the password is hashed. The right of its issuer is checked when it is used.
pub fn require_reset(work: &mut Work<'_>, token: &str) -> Result<UserRow, ApiError> {
    let reset = store::reset_of(work.conn, work.vault.authority_key(), &sha256(token.as_bytes()), work.now)?
        .ok_or_else(reset_unusable)?;
    store::find(work.conn, work.vault.authority_key(), &ServiceScope::All, reset.user_id)?.ok_or_else(reset_unusable)
}

/// Refuses a reset that its issuer could not issue again: they lost the right, or the user has rights now that the issuer
/// does not govern.
fn require_authority(work: &mut Work<'_>, reset: Option<VouchedReset>) -> Result<UserRow, ApiError> {
    let VouchedReset { user_id, issued_by, .. } = reset.ok_or_else(reset_unusable)?;
    let scope = authority::scope_of(work, issued_by.as_deref())?;
    let row = store::find(work.conn, work.vault.authority_key(), &scope, user_id)?.ok_or_else(reset_unusable)?;
    if may_manage(work, &scope, &row)? { Ok(row) } else { Err(reset_unusable()) }
}

fn reset_unusable() -> ApiError {
    let message = Text::new(
        "Ce jeton est inconnu, expiré, retiré ou déjà utilisé.",
        "This token is unknown, expired, withdrawn or already used.",
    );
    ApiError::rule("/token", "reset_unusable", message)
}

/// Sets a password with a one-time token. Checks the second factor, if there is one. The password was hashed before the transaction.
pub fn use_reset(
    work: &mut Work<'_>,
    token: &str,
    password_hash: &str,
    otp: Option<&str>,
    attempt: &Attempt,
) -> Result<(), ApiError> {
    // Used up before the right is checked: a concurrent loss of this right withdraws the token first or comes after its use.
    let reset = store::take_reset(work.conn, work.vault.authority_key(), &sha256(token.as_bytes()), work.now)?;
    let row = require_authority(work, reset)?;
    let user = row.id;
    me::ops::check_second_factor(work, user, otp)?;
    attempts::uncount(work, attempt)?;
    work.call.principal = PrincipalId::User(user);
    me::ops::set_password(work, &row.vouched, password_hash)
}

fn save(work: &mut Work<'_>, scope: &ServiceScope, row: &UserRow, new: UserRow) -> Result<User, ApiError> {
    let vouched = VouchedUser { version: row.version + 1, ..new.vouched };
    let new = UserRow { vouched: vouched.vouched(work.vault.authority_key()), updated_at: work.now, ..new };
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    work.account_changed(Resource::User, row.id, ChangeKind::Updated);
    show(work, scope, new)
}

/// Refuses a manager who changes an account that also has rights elsewhere: resetting an account is a way to take it
/// over.
fn require_management(work: &mut Work<'_>, scope: &ServiceScope, row: &UserRow) -> Result<(), ApiError> {
    if may_manage(work, scope, row)? {
        return Ok(());
    }
    Err(ApiError::new(Code::Forbidden).detail(
        "Ce compte a des droits hors de vos services : s'adresser à l'administration du déploiement.",
        "This account has rights outside your services: only an administrator can change it.",
    ))
}

/// Refuses to weaken one's own account without its password: a stolen token must not be enough to take it over.
fn refuse_self(work: &Work<'_>, row: &UserRow, own: &str) -> Result<(), ApiError> {
    if work.call.principal != PrincipalId::User(row.id) {
        return Ok(());
    }
    Err(ApiError::new(Code::Forbidden).detail(
        format!("Pour son propre compte, il faut son mot de passe : `{own}`."),
        format!("For your own account, your password is needed: `{own}`."),
    ))
}

fn may_manage(work: &mut Work<'_>, scope: &ServiceScope, row: &UserRow) -> Result<bool, ApiError> {
    let ServiceScope::Only(services) = scope else { return Ok(true) };
    Ok(!row.administrator && !store::has_role_outside(work.conn, row.id, services)?)
}

fn require_another_administrator(work: &mut Work<'_>, row: &UserRow) -> Result<(), ApiError> {
    if !row.administrator || row.disabled_at.is_some() {
        return Ok(());
    }
    work.conn.lock(Lock::Administrators)?;
    if store::has_other_administrator(work.conn, work.vault.authority_key(), row.id)? {
        return Ok(());
    }
    Err(ApiError::new(Code::Conflict).detail(
        "Ce compte est le dernier à administrer le déploiement : inviter d'abord une autre personne à l'administrer.",
        "This is the last administrator: invite another one first.",
    ))
}
