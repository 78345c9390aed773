//! The operations of invitations.

use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};

use super::dto::{Invitation, InvitationAnswer, InvitationFilter, InvitationInput, InvitationPage};
use super::ops;
use crate::accounts::attempts::{self, Attempt};
use crate::accounts::passwords;
use crate::accounts::tokens::ops::normal_email;
use crate::accounts::users::dto::User;
use crate::auth::grants::AccountsWrite;
use crate::auth::{PrincipalId, password, refuse_weak};
use crate::db::{Id, SystemScope};
use crate::error::ApiError;
use crate::http::Context;
use crate::http::address::subscriber;
use crate::http::call_of;
use crate::http::listed::Listed;
use crate::http::middleware::LoggedPrincipal;
use crate::http::page::List;
use crate::http::{Body, Conditional, Created, Deletion, NoContent, Path, Query, Written};
use crate::http::{Can, Public};
use crate::work::Work;

/// Invite a user
///
/// Returns a one-time token to hand over to the invited person, valid for seven days. A manager can only invite into
/// their own service. Only an administrator can invite an administrator.
#[utoipa::path(post, path = "/v1/invitations")]
pub(super) async fn create_invitation(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    body: Body<InvitationInput>,
) -> Result<Created<Invitation>, ApiError> {
    context.write(can.call(), move |work| ops::invite(work, &can.scope, &body.0)).await.map(Created)
}

/// List the open invitations
///
/// Returns the invitations into the caller's services that are not accepted, withdrawn or expired, oldest first. Their
/// tokens cannot be read again.
#[utoipa::path(get, path = "/v1/invitations")]
pub(super) async fn list_invitations(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    list: List<InvitationFilter>,
) -> Result<Listed<InvitationPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Withdraw an invitation
///
/// Deletes the invitation. Its token stops working.
#[utoipa::path(delete, path = "/v1/invitations/{id}")]
pub(super) async fn delete_invitation(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    _why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    change.on(&context, can, id.0, ops::find, |work, row| ops::withdraw(work, &row).map(|()| NoContent)).await
}

/// Accept an invitation
///
/// Creates the account of an invited person. If an account already has this e-mail address and this password, it gets
/// the role instead; if it has a second factor, it also sends a code (without it, the problem is `second_factor_required`). An invitation can only be accepted once.
#[utoipa::path(
    post,
    path = "/v1/invitations/accept",
    responses((status = 409, description = "An account has this e-mail address, but another password."))
)]
pub(super) async fn accept_invitation(
    _: Public,
    context: Data<Context>,
    request: HttpRequest,
    body: Body<InvitationAnswer>,
) -> Result<Created<User>, ApiError> {
    let answer = body.0;
    let (email, given) = (normal_email(&answer.email), answer.password.clone());
    // The token first: a caller without a valid one must neither learn which addresses have an account nor make the
    // server hash a password.
    let token = answer.token.clone();
    let attempt = Attempt::new(&context.vault, &email, subscriber(&request));
    let open = move |work: &mut Work<'_>| ops::require_open(work, &token, &email);
    let (invitation, known) = context.read(SystemScope::Invitation, open).await?;
    let Some((id, stored)) = known else {
        refuse_weak(&given, "/password", &[&answer.email, &answer.display_name])?;
        let hash = password::hash(subscriber(&request), given).await?;
        let call = call_of(&request, PrincipalId::Local, SystemScope::Invitation);
        let accept = move |work: &mut Work<'_>| {
            let user = ops::accept(work, &invitation, &answer, &hash)?;
            // The caller is now the user of this new account.
            work.call.principal = PrincipalId::User(user.id);
            Ok(Created(user))
        };
        return context.write(call, accept).await;
    };
    let attempt = attempts::count(&context, attempt).await?;
    request.extensions_mut().insert(LoggedPrincipal(PrincipalId::User(id)));
    let caller = subscriber(&request);
    if !passwords::verify(&context, caller, Some((id, stored)), given).await? {
        return Err(ops::email_taken());
    }
    let attempt = if answer.otp.is_some() { attempts::count_code(&context, attempt).await? } else { attempt };
    let call = call_of(&request, PrincipalId::User(id), SystemScope::Invitation);
    let join = move |work: &mut Work<'_>| ops::join(work, &invitation, id, answer.otp.as_deref(), &attempt);
    let joined = context.write(call, join).await?;
    context.principals.forget(PrincipalId::User(id));
    Ok(Created(joined))
}
