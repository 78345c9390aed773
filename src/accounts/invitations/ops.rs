//! Use cases of invitations.

use super::dto::{Invitation, InvitationAnswer, InvitationFilter, InvitationInput, InvitationPage, OpenInvitation};
use super::store::{self, InvitationRow};
use crate::accounts::attempts::{self, Attempt};
use crate::accounts::names;
use crate::accounts::tokens::ops::normal_email;
use crate::accounts::users;
use crate::accounts::users::dto::User;
use crate::accounts::{authority, me};
use crate::auth::{ServiceScope, Vouched, VouchedInvitation};
use crate::db::Id;
use crate::error::{ApiError, Code, Text};
use crate::http::page::List;
use crate::privacy::{random_token, sha256};
use crate::services;
use crate::trail::{ChangeKind, Resource};
use crate::work::Work;

/// Days until an invitation expires.
const INVITATION_DAYS: i64 = 7;

/// Invites someone. The token is returned once and stored as a hash.
pub fn invite(work: &mut Work<'_>, scope: &ServiceScope, new: &InvitationInput) -> Result<Invitation, ApiError> {
    if new.administrator && *scope != ServiceScope::All {
        return Err(ApiError::new(Code::Forbidden).detail(
            "Seule l'administration du déploiement peut inviter une administratrice ou un administrateur.",
            "Only an administrator can invite an administrator.",
        ));
    }
    if let Some(service) = new.service_id {
        services::ops::require(work, scope, service, "/service_id")?;
    }
    let (id, token) = (Id::at(work.now), random_token("inv"));
    let expires_at = work.now.plus(chrono::Duration::days(INVITATION_DAYS));
    let invitation = VouchedInvitation {
        id,
        token_hash: sha256(token.as_bytes()),
        administrator: new.administrator,
        service_id: new.service_id,
        role: new.role,
        expires_at,
        used_at: None,
        issued_by: Some(work.author()),
        mac: None,
    };
    store::insert(work.conn, &invitation.vouched(work.vault.authority_key()), work.now)?;
    work.account_changed(Resource::Invitation, id, ChangeKind::Created);
    authority::invitation_changed(work, id, (new.service_id, new.role), true);
    Ok(Invitation { id, token, expires_at })
}

/// Invites the first administrator. Returns none if the deployment has an administrator or has invited one.
pub fn first_invitation(work: &mut Work<'_>) -> Result<Option<Invitation>, ApiError> {
    if store::has_administrator(work.conn, work.now)? {
        return Ok(None);
    }
    let new = InvitationInput { service_id: None, role: None, administrator: true };
    invite(work, &ServiceScope::All, &new).map(Some)
}

/// A page of the open invitations in scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    list: &List<InvitationFilter>,
) -> Result<InvitationPage, ApiError> {
    let (rows, info) = store::list(work.conn, work.vault.authority_key(), scope, work.now, &list.filter, &list.page)?;
    let mut data: Vec<_> = rows.into_iter().map(OpenInvitation::from).collect();
    let names = names::ops::read(work, data.iter().filter_map(|one| one.issued_by.as_deref()))?;
    for one in &mut data {
        one.issued_by_name = one.issued_by.as_deref().and_then(|issuer| names.of(issuer));
    }
    Ok(InvitationPage { data, page: info })
}

/// An open invitation in scope, for a use case to change.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<InvitationRow, ApiError> {
    Ok(store::find(work.conn, work.vault.authority_key(), scope, work.now, id)?)
}

/// Withdraws an invitation.
pub fn withdraw(work: &mut Work<'_>, row: &InvitationRow) -> Result<(), ApiError> {
    ApiError::require_first(store::delete(work.conn, row.id)?)?;
    work.account_changed(Resource::Invitation, row.id, ChangeKind::Deleted);
    authority::invitation_changed(work, row.id, (row.service_id, row.role), false);
    Ok(())
}

/// Creates the account of an invited person. The password was hashed before the transaction.
pub fn accept(
    work: &mut Work<'_>,
    invitation: &VouchedInvitation,
    answer: &InvitationAnswer,
    password_hash: &str,
) -> Result<User, ApiError> {
    take(work, invitation)?;
    let rights = (invitation.administrator, invitation.service_id.zip(invitation.role));
    let email = normal_email(&answer.email);
    users::ops::create(work, &email, &answer.display_name, password_hash, rights)?.ok_or_else(email_taken)
}

/// Gives the role of an invitation to a user who has proved their identity by their password. Checks the second factor, if
/// there is one.
pub fn join(
    work: &mut Work<'_>,
    invitation: &VouchedInvitation,
    user: Id,
    otp: Option<&str>,
    attempt: &Attempt,
) -> Result<User, ApiError> {
    me::ops::check_second_factor(work, user, otp)?;
    attempts::succeed(work, attempt)?;
    take(work, invitation)?;
    if invitation.administrator {
        users::ops::make_administrator(work, user)?;
    }
    if let (Some(service), Some(role)) = (invitation.service_id, invitation.role) {
        let issuer = invitation.issued_by.as_deref().and_then(|issuer| issuer.parse().ok());
        users::ops::give_role(work, user, service, role, issuer)?;
    }
    users::ops::get(work, &ServiceScope::All, user)
}

/// The invitation of a token, and the identifier and the password hash of the account that has an e-mail address. Refuses an
/// invalid token.
pub fn require_open(
    work: &mut Work<'_>,
    token: &str,
    email: &str,
) -> Result<(VouchedInvitation, Option<(Id, String)>), ApiError> {
    let hash = sha256(token.as_bytes());
    let (open, account) = store::of_token(work.conn, work.vault.authority_key(), &hash, email, work.now)?;
    let invitation = open.ok_or_else(unusable)?;
    require_authority(work, &invitation)?;
    Ok((invitation, account.map(|account| (account.id, account.password_hash))))
}

/// Refuses an invitation that its issuer could not issue again: they lost the right, or their account is disabled.
fn require_authority(work: &mut Work<'_>, invitation: &VouchedInvitation) -> Result<(), ApiError> {
    let scope = authority::scope_of(work, invitation.issued_by.as_deref())?;
    let may = if invitation.administrator { scope == ServiceScope::All } else { true };
    if may && invitation.service_id.is_none_or(|service| scope.contains(service)) { Ok(()) } else { Err(unusable()) }
}

fn unusable() -> ApiError {
    let message = Text::new(
        "Cette invitation est inconnue, expirée, retirée ou déjà utilisée.",
        "This invitation is unknown, expired, withdrawn or already used.",
    );
    ApiError::rule("/token", "invitation_unusable", message)
}

/// Marks an invitation that was read as used, then checks the right of its issuer: a concurrent loss of this right withdraws
/// the invitation first or comes after its use.
fn take(work: &mut Work<'_>, invitation: &VouchedInvitation) -> Result<(), ApiError> {
    if !store::take(work.conn, work.vault.authority_key(), invitation, work.now)? {
        return Err(unusable());
    }
    require_authority(work, invitation)?;
    work.account_changed(Resource::Invitation, invitation.id, ChangeKind::Updated);
    Ok(())
}

/// The 409 for an e-mail address that already has an account.
pub fn email_taken() -> ApiError {
    ApiError::new(Code::Conflict).detail(
        "Un compte a déjà cette adresse électronique : indiquer son mot de passe pour lui ajouter ce rôle.",
        "An account already has this e-mail address: send its password to add the role to it.",
    )
}
