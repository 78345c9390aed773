//! What needs a second person: rights on tenant data that an administrator gives to themselves, or to a client whose secret
//! they hold. Another administrator or a manager of the service confirms them.
//!
//! An administrator who manages the service already sees its children: nobody needs to confirm. The command line needs
//! nobody either: whoever runs it holds the database and its key.

use crate::auth::{Permission, Permissions, PrincipalId, Role, ServiceScope, principal, tenant_permissions};
use crate::db::Id;
use crate::error::ApiError;
use crate::work::Work;

/// Whether a role that a user is given waits for a second person: it does if they give it to themselves as an
/// administrator, and if it is more than they have.
pub fn role_needs_second_person(
    work: &mut Work<'_>,
    giver: PrincipalId,
    (user, service): (Id, Id),
    (before, after): (Option<Role>, Role),
) -> Result<bool, ApiError> {
    let held = before.map(Role::permissions).unwrap_or_default();
    if !work.policy.four_eyes || giver != PrincipalId::User(user) || after.permissions().without(held).is_empty() {
        return Ok(false);
    }
    Ok(!manages(work, giver, &[service])?)
}

/// Whether rights of a client wait for a second person: they do if somebody who knows its secret gives or has them as an
/// administrator.
pub fn client_needs_second_person(work: &mut Work<'_>, services: &[Id], rights: Permissions) -> Result<bool, ApiError> {
    let giver = work.call.principal;
    let by_person = matches!(giver, PrincipalId::User(_));
    if !work.policy.four_eyes || !by_person || !concern_tenants(rights) {
        return Ok(false);
    }
    Ok(!manages(work, giver, services)?)
}

/// Whether rights reach the data of a service.
pub fn concern_tenants(rights: Permissions) -> bool {
    !rights.and(tenant_permissions()).is_empty()
}

/// Whether a principal manages all these services by a role, and not as an administrator.
fn manages(work: &mut Work<'_>, giver: PrincipalId, services: &[Id]) -> Result<bool, ApiError> {
    let now = principal(work.conn, work.vault.authority_key(), giver, work.now)?;
    let managed = now.map(|giver| giver.services_with(Permission::AccountsWrite)).unwrap_or_default();
    let managed = ServiceScope::Only(managed);
    Ok(services.iter().all(|service| managed.contains(*service)))
}
