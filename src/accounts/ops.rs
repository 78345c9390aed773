//! Use cases of accounts.

use super::dto::{
    Client, ClientFilter, ClientPage, CreatedClient, Invitation, InvitationAnswer, NewClient, NewInvitation, User,
};
use super::store::{self, UserRow};
use crate::auth::ServiceScope;
use crate::context::Work;
use crate::db::Id;
use crate::error::{ApiError, Code, Text};
use crate::http::page::List;
use crate::privacy::{random_token, sha256};
use crate::services;

/// How long an invitation works.
const INVITATION_DAYS: i64 = 7;

/// Invites someone. The token is returned once and stored as a hash.
pub fn invite(work: &mut Work<'_>, scope: &ServiceScope, new: &NewInvitation) -> Result<Invitation, ApiError> {
    if new.administrator && *scope != ServiceScope::All {
        return Err(ApiError::new(Code::Forbidden).detail(
            "Seul un administrateur invite un administrateur.",
            "Only an administrator invites an administrator.",
        ));
    }
    if let Some(service) = new.service_id {
        services::ops::require(work, scope, service, "/service_id")?;
    }
    let (id, token) = (Id::at(work.now), random_token("inv"));
    let expires_at = work.now.plus(chrono::Duration::days(INVITATION_DAYS));
    store::insert_invitation(work.conn, id, new, &sha256(token.as_bytes()), expires_at, work.now)?;
    Ok(Invitation { id, token, expires_at })
}

/// The first start's invitation, unless the deployment has an administrator or has invited one.
pub fn first_invitation(work: &mut Work<'_>) -> Result<Option<Invitation>, ApiError> {
    if store::has_administrator(work.conn, work.now)? {
        return Ok(None);
    }
    let new = NewInvitation { service_id: None, role: None, administrator: true };
    invite(work, &ServiceScope::All, &new).map(Some)
}

/// Creates the account of an invited person. The password was hashed before the transaction.
pub fn accept(work: &mut Work<'_>, answer: &InvitationAnswer, password_hash: &str) -> Result<User, ApiError> {
    let Some(invitation) = store::take_invitation(work.conn, &sha256(answer.token.as_bytes()), work.now)? else {
        return Err(ApiError::rule(
            "/token",
            "invitation_unusable",
            Text::new(
                "Cette invitation est inconnue, expirée ou déjà utilisée.",
                "This invitation is unknown, expired or already used.",
            ),
        ));
    };
    let email = normal_email(&answer.email);
    if store::email_taken(work.conn, &email)? {
        return Err(ApiError::new(Code::Conflict)
            .detail("Un compte a déjà cette adresse électronique.", "An account already has this e-mail address."));
    }
    let id = Id::at(work.now);
    store::insert_user(work.conn, id, answer, &email, password_hash, invitation.administrator, work.now)?;
    if let (Some(service), Some(role)) = (invitation.service_id, invitation.role) {
        store::insert_membership(work.conn, id, service, role)?;
    }
    log::info!("invitation {} was accepted", invitation.id);
    Ok(User { id, email, display_name: answer.display_name.clone() })
}

/// Creates an API client. Its secret is returned once and stored as a hash: it has 256 random bits,
/// which no dictionary reaches, so a slow hash would only slow the honest.
pub fn create_client(work: &mut Work<'_>, scope: &ServiceScope, new: &NewClient) -> Result<CreatedClient, ApiError> {
    for (index, service) in new.service_ids.iter().enumerate() {
        services::ops::require(work, scope, *service, &format!("/service_ids/{index}"))?;
    }
    let (id, client_secret) = (Id::at(work.now), random_token("sec"));
    store::insert_client(work.conn, id, new, &sha256(client_secret.as_bytes()), work.now)?;
    Ok(CreatedClient {
        id,
        name: new.name.clone(),
        client_secret,
        permissions: new.permissions.iter().copied().collect(),
    })
}

/// A page of the clients of the scope.
pub fn clients(work: &mut Work<'_>, scope: &ServiceScope, list: &List<ClientFilter>) -> Result<ClientPage, ApiError> {
    let (rows, info) = store::list_clients(work.conn, scope, &list.filter, &list.page)?;
    Ok(ClientPage { data: rows.into_iter().map(Client::from).collect(), page: info })
}

/// Every client, for the command line.
pub fn all_clients(work: &mut Work<'_>) -> Result<Vec<Client>, ApiError> {
    Ok(store::all_clients(work.conn)?.into_iter().map(Client::from).collect())
}

/// Every user, for the command line.
pub fn all_users(work: &mut Work<'_>) -> Result<Vec<UserRow>, ApiError> {
    Ok(store::list_users(work.conn)?)
}

/// Disables a user. Tokens stop working within five seconds, on every instance.
pub fn disable_user(work: &mut Work<'_>, email: &str) -> Result<(), ApiError> {
    store::disable_user(work.conn, &normal_email(email), work.now)?.then_some(()).ok_or_else(ApiError::not_found)
}

/// Disables a client. Tokens stop working within five seconds, on every instance.
pub fn disable_client(work: &mut Work<'_>, id: Id) -> Result<(), ApiError> {
    store::disable_client(work.conn, id, work.now)?.then_some(()).ok_or_else(ApiError::not_found)
}

/// The credentials of a client: its secret's hash.
pub fn client_secret(work: &mut Work<'_>, id: Id) -> Result<Option<Vec<u8>>, ApiError> {
    Ok(store::client_secret(work.conn, id)?)
}

/// The credentials of a user: identifier and password hash.
pub fn user_password(work: &mut Work<'_>, email: &str) -> Result<Option<(Id, String)>, ApiError> {
    Ok(store::user_password(work.conn, &normal_email(email))?)
}

/// Addresses are compared without case.
fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}
