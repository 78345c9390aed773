//! Use cases of users.

use super::dto::{Membership, RoleChange, User, UserFilter, UserPage, UserPatch};
use super::store::{self, Held};
use crate::accounts::authority::Standing;
use crate::accounts::names;
use crate::accounts::tokens::ops::normal_email;
use crate::accounts::{authority, me, sessions};
use crate::auth::{PrincipalId, Role, ServiceScope, Vouched, VouchedMembership, VouchedUser};
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code};
use crate::http::page::List;
use crate::notices::NoticeKind;
use crate::services;
use crate::trail::{ChangeKind, Resource};
use crate::work::Work;

pub use super::store::UserRow;

/// A page of the users in scope.
pub fn list(work: &mut Work<'_>, scope: &ServiceScope, list: &List<UserFilter>) -> Result<UserPage, ApiError> {
    let (rows, info) = store::list(work.conn, work.vault.authority_key(), scope, &list.filter, &list.page)?;
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut held = store::held(work.conn, work.vault.authority_key(), scope, &ids, work.now)?;
    let data = rows.into_iter().map(|row| {
        let held = held.remove(&row.id).unwrap_or_default();
        row.into_user(held)
    });
    let mut data: Vec<User> = data.collect();
    name_issuers(work, &mut data)?;
    Ok(UserPage { data, page: info })
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
    let held = held(work, row.id)?;
    let mut user = row.into_user(held.within(scope));
    name_issuers(work, std::slice::from_mut(&mut user))?;
    Ok(user)
}

/// Gives open resets the names of who issued them.
fn name_issuers(work: &mut Work<'_>, users: &mut [User]) -> Result<(), ApiError> {
    let resets = || users.iter().filter_map(|user| user.open_reset.as_ref());
    let names = names::ops::read(work, resets().filter_map(|reset| reset.issued_by.as_deref()))?;
    for reset in users.iter_mut().filter_map(|user| user.open_reset.as_mut()) {
        reset.issued_by_name = reset.issued_by.as_deref().and_then(|issuer| names.of(issuer));
    }
    Ok(())
}

/// What a user has, in every service that the caller may know of.
pub(super) fn held(work: &mut Work<'_>, user: Id) -> Result<Held, ApiError> {
    let mut held = store::held(work.conn, work.vault.authority_key(), &ServiceScope::All, &[user], work.now)?;
    Ok(held.remove(&user).unwrap_or_default())
}

/// What a user still has once everything that was issued by or for them is withdrawn.
fn withdraw(work: &mut Work<'_>, user: Id, held: Held) -> Result<Held, ApiError> {
    authority::withdraw_all(work, user)?;
    Ok(Held { open_reset: None, ..held })
}

/// Creates a user, with their first role. None if an account has the e-mail address.
pub fn create(
    work: &mut Work<'_>,
    email: &str,
    display_name: &str,
    password_hash: &str,
    (administrator, role): (bool, Option<(Id, Role)>),
) -> Result<Option<User>, ApiError> {
    let id = Id::at(work.now);
    let vouched = VouchedUser {
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
    let row = UserRow {
        vouched: vouched.vouched(work.vault.authority_key()),
        display_name: display_name.to_owned(),
        last_signed_in_at: None,
        created_at: work.now,
        updated_at: work.now,
    };
    let first = role.map(|(service_id, role)| VouchedMembership {
        user_id: id,
        service_id,
        role,
        requested_by: None,
        mac: None,
    });
    let first = first.map(|first| first.vouched(work.vault.authority_key()));
    if !store::insert(work.conn, &row, first)? {
        return Ok(None);
    }
    work.account_changed(Resource::User, id, ChangeKind::Created);
    if administrator {
        authority::administrator_changed(work, id, true);
    }
    let mut held = Held::default();
    if let Some((service_id, role)) = role {
        authority::role_changed(work, (id, administrator), service_id, None, Some(Standing { role, pending: false }));
        held.memberships.push(Membership { service_id, role, pending: false });
    }
    Ok(Some(row.into_user(held)))
}

/// Corrects a user.
pub fn correct(work: &mut Work<'_>, scope: &ServiceScope, row: &UserRow, patch: &UserPatch) -> Result<User, ApiError> {
    let mut new = row.clone();
    let mut held = held(work, row.id)?;
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
        held = withdraw(work, row.id, held)?;
    }
    if let Some(name) = patch.display_name.as_ref().filter(|name| **name != row.display_name) {
        require_management(scope, row, &held)?;
        new.display_name.clone_from(name);
    }
    if (&new.display_name, new.administrator) != (&row.display_name, row.administrator) {
        new = save(work, row, new)?;
    }
    Ok(new.into_user(held.within(scope)))
}

/// Gives or takes a role in a service of the scope.
pub fn set_role(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    row: &UserRow,
    change: &RoleChange,
) -> Result<User, ApiError> {
    let service = change.service_id;
    services::ops::require(work, scope, service, "/service_id")?;
    let giver = work.call.principal;
    let mut held = held(work, row.id)?;
    let before = held.standing(service);
    let after = place(work, (row.id, row.administrator), service, (before, change.role), giver)?;
    // A user without any role left in the scope is no longer visible in it, but this response still returns them.
    if before == after {
        return Ok(row.clone().into_user(held.within(scope)));
    }
    held.open_reset = None;
    held.memberships.retain(|one| one.service_id != service);
    held.memberships.extend(after.map(|Standing { role, pending }| Membership { service_id: service, role, pending }));
    held.memberships.sort_by_key(|one| one.service_id);
    Ok(save(work, row, row.clone())?.into_user(held.within(scope)))
}

/// Gives or takes a role, and withdraws what was issued by or for the user if that changes their rights. One that an
/// administrator gives to themselves waits for a second person. Returns the role that the user has then.
fn place(
    work: &mut Work<'_>,
    user: (Id, bool),
    service: Id,
    (before, role): (Option<Standing>, Option<Role>),
    giver: PrincipalId,
) -> Result<Option<Standing>, ApiError> {
    let held = (user.0, service);
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
    Ok(after)
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
    let before = store::standing(work.conn, work.vault.authority_key(), user, service)?;
    place(work, (user, row.administrator), service, (before, Some(role)), issuer.unwrap_or(PrincipalId::Local))
        .map(drop)
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
    let held = held(work, row.id)?;
    require_management(scope, row, &held)?;
    if work.call.principal == PrincipalId::User(row.id) {
        return Err(ApiError::new(Code::Conflict)
            .detail("Il n'est pas possible de désactiver son propre compte.", "You cannot disable your own account."));
    }
    require_another_administrator(work, row)?;
    sessions::end_all(work, row.id)?;
    if row.disabled_at.is_none() {
        status_changed(work, row, &held, false);
    }
    let disabled_at = row.disabled_at.or(Some(work.now));
    let mut new = row.clone();
    new.disabled_at = disabled_at;
    change_status(work, scope, row, new, held)
}

/// Enables a user.
pub fn enable(work: &mut Work<'_>, scope: &ServiceScope, row: &UserRow) -> Result<User, ApiError> {
    let held = held(work, row.id)?;
    require_management(scope, row, &held)?;
    if row.disabled_at.is_some() {
        status_changed(work, row, &held, true);
    }
    let mut new = row.clone();
    new.disabled_at = None;
    change_status(work, scope, row, new, held)
}

fn change_status(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    row: &UserRow,
    new: UserRow,
    held: Held,
) -> Result<User, ApiError> {
    let held = withdraw(work, row.id, held)?;
    Ok(save(work, row, new)?.into_user(held.within(scope)))
}

/// Records that the roles of a user are in force again, or no longer.
fn status_changed(work: &mut Work<'_>, row: &UserRow, held: &Held, enabled: bool) {
    for Membership { service_id, role, pending } in &held.memberships {
        let held = Some(Standing { role: *role, pending: *pending });
        let (before, after) = if enabled { (None, held) } else { (held, None) };
        authority::role_changed(work, (row.id, row.administrator), *service_id, before, after);
    }
}

/// Removes the second factor of a user and ends their sessions.
pub fn reset_second_factor(work: &mut Work<'_>, scope: &ServiceScope, row: &UserRow) -> Result<User, ApiError> {
    let held = held(work, row.id)?;
    require_management(scope, row, &held)?;
    refuse_self(work, row, "POST /v1/me/second-factor/remove")?;
    let vouched = me::ops::clear_second_factor(work, &row.vouched)?;
    let services = held.memberships.iter().map(|held| held.service_id);
    authority::tell(work, NoticeKind::SecondFactorRemoved, row.id, services);
    sessions::end_all(work, row.id)?;
    // The reset was withdrawn along with the second factor.
    let held = Held { open_reset: None, ..held };
    Ok(UserRow { vouched, updated_at: work.now, ..row.clone() }.into_user(held.within(scope)))
}

/// Gives the row its next version.
fn save(work: &mut Work<'_>, row: &UserRow, new: UserRow) -> Result<UserRow, ApiError> {
    let vouched = VouchedUser { version: row.version + 1, ..new.vouched };
    let new = UserRow { vouched: vouched.vouched(work.vault.authority_key()), updated_at: work.now, ..new };
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    work.account_changed(Resource::User, row.id, ChangeKind::Updated);
    Ok(new)
}

/// Refuses a manager who changes an account that also has rights elsewhere: resetting an account is a way to take it
/// over.
pub(super) fn require_management(scope: &ServiceScope, row: &UserRow, held: &Held) -> Result<(), ApiError> {
    if may_manage(scope, row, held) {
        return Ok(());
    }
    Err(ApiError::new(Code::Forbidden).detail(
        "Ce compte a des droits hors de vos services : s'adresser à l'administration du déploiement.",
        "This account has rights outside your services: only an administrator can change it.",
    ))
}

/// Refuses to weaken one's own account without its password: a stolen token must not be enough to take it over.
pub(super) fn refuse_self(work: &Work<'_>, row: &UserRow, own: &str) -> Result<(), ApiError> {
    if work.call.principal != PrincipalId::User(row.id) {
        return Ok(());
    }
    Err(ApiError::new(Code::Forbidden).detail(
        format!("Pour son propre compte, il faut son mot de passe : `{own}`."),
        format!("For your own account, your password is needed: `{own}`."),
    ))
}

pub(super) fn may_manage(scope: &ServiceScope, row: &UserRow, held: &Held) -> bool {
    *scope == ServiceScope::All || (!row.administrator && held.services.iter().all(|service| scope.contains(*service)))
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
