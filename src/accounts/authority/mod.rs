//! The authority behind what people issue: invitations, password resets, API clients.
//!
//! Invariants: what was issued works only as long as its issuer could issue it again; it is withdrawn when the role, the
//! administrator flag or the status of its issuer changes. A reset is also withdrawn when these, the password or the
//! second factor of the person whom it is for change. An administrator gives themselves, or a client whose secret they hold,
//! no right on tenant data without a second person. Every change of rights is in the journal of the service concerned,
//! with the rights before and after, and the people concerned are told.
//!
//! - [`four_eyes`]: what needs a second person. [`told`]: the journal and the notices of a change of rights.

mod four_eyes;
mod store;
mod told;

pub use four_eyes::{client_needs_second_person, concern_tenants, role_needs_second_person};
pub use told::{Standing, administrator_changed, client_changed, invitation_changed, role_changed, tell};

use crate::auth::{Permission, PrincipalId, ServiceScope, principal};
use crate::db::Id;
use crate::error::ApiError;
use crate::trail::{ChangeKind, Resource};
use crate::work::Work;

/// The services in which an issuer may manage accounts now; none if they are unknown, disabled or without the right.
pub fn scope_of(work: &mut Work<'_>, issuer: Option<&str>) -> Result<ServiceScope, ApiError> {
    let nothing = ServiceScope::Only(Vec::new());
    let Some(issuer) = issuer else { return Ok(nothing) };
    // The command line: whoever runs it holds the database.
    if issuer == PrincipalId::Local.to_string() {
        return Ok(ServiceScope::All);
    }
    let Ok(id) = issuer.parse::<PrincipalId>() else { return Ok(nothing) };
    let now = principal(work.conn, work.vault.authority_key(), id, work.now)?;
    Ok(now.map_or(nothing, |issuer| issuer.scope_of(Permission::AccountsWrite)))
}

/// Withdraws what a person has issued and what was issued for them: their rights or their status changed.
pub fn withdraw_all(work: &mut Work<'_>, user: Id) -> Result<(), ApiError> {
    for (invitation, service, role) in store::withdraw(work.conn, &PrincipalId::User(user).to_string(), user)? {
        work.account_changed(Resource::Invitation, invitation, ChangeKind::Deleted);
        invitation_changed(work, invitation, (service, role), false);
    }
    Ok(())
}
