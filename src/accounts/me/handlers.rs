//! The operations of one's own account.

use actix_web::HttpRequest;
use actix_web::web::Data;

use super::dto::{
    Me, PasswordChange, RecoveryCodes, SecondFactorProof, SecondFactorRemoval, SecondFactorRequest, SecondFactorSecret,
    ServicePermissions,
};
use super::ops;
use crate::accounts::attempts::{self, Attempt};
use crate::auth::{Permission, PrincipalId, password};
use crate::db::Id;
use crate::error::{ApiError, Code, Text};
use crate::http::Context;
use crate::http::SignedIn;
use crate::http::address::client_address;
use crate::http::{Body, NoContent, Reply};

/// Who am I
///
/// The principal of the token and its permissions in each service, as they are now.
#[utoipa::path(get, path = "/v1/me")]
pub(super) async fn get_me(signed_in: SignedIn, context: Data<Context>) -> Result<Reply<Me>, ApiError> {
    let principal = &signed_in.principal;
    let second_factor = match principal.id {
        PrincipalId::User(user) => {
            context.read(signed_in.call(), move |work| ops::has_second_factor(work, user)).await?
        }
        _ => false,
    };
    let service = |(service_id, permissions): &(Id, crate::auth::Permissions)| ServicePermissions {
        service_id: *service_id,
        permissions: permissions.iter().collect(),
    };
    Ok(Reply(Me {
        id: principal.id.to_string(),
        administrator: principal.everywhere.contains(Permission::AccountsWrite),
        second_factor,
        services: principal.grants.iter().map(service).collect(),
    }))
}

/// Conditional one's own password
///
/// Every session of the user ends, this one too: sign in again with the new password.
#[utoipa::path(post, path = "/v1/me/password", responses((status = 403, description = "The token is a client's.")))]
pub(super) async fn change_password(
    signed_in: SignedIn,
    context: Data<Context>,
    request: HttpRequest,
    body: Body<PasswordChange>,
) -> Result<NoContent, ApiError> {
    let user = person(&signed_in)?;
    let PasswordChange { current_password, new_password } = body.0;
    let attempt = prove(&context, &request, user, current_password, "/current_password").await?;
    let hash = password::hash(new_password).await?;
    context.write(signed_in.call(), move |work| ops::change_password(work, user, &hash, &attempt)).await?;
    context.revocations.forget();
    Ok(NoContent)
}

/// Begin a second factor
///
/// Returns a secret for an authenticator application (TOTP, RFC 6238: SHA-1, six digits, thirty seconds). It counts once
/// `POST /v1/me/second-factor/confirm` has had a code of it; asking again before that makes another secret.
#[utoipa::path(
    post,
    path = "/v1/me/second-factor",
    responses(
        (status = 403, description = "The token is a client's."),
        (status = 409, description = "The account has a second factor already.")
    )
)]
pub(super) async fn begin_second_factor(
    signed_in: SignedIn,
    context: Data<Context>,
    request: HttpRequest,
    body: Body<SecondFactorRequest>,
) -> Result<Reply<SecondFactorSecret>, ApiError> {
    let user = person(&signed_in)?;
    let attempt = prove(&context, &request, user, body.0.password, "/password").await?;
    context.write(signed_in.call(), move |work| ops::begin_second_factor(work, user, &attempt)).await.map(Reply)
}

/// Confirm a second factor
///
/// From now on signing in with the password asks for a code. Returns recovery codes, shown this once.
#[utoipa::path(
    post,
    path = "/v1/me/second-factor/confirm",
    responses(
        (status = 403, description = "The token is a client's."),
        (status = 409, description = "No second factor waits to be confirmed.")
    )
)]
pub(super) async fn confirm_second_factor(
    signed_in: SignedIn,
    context: Data<Context>,
    body: Body<SecondFactorProof>,
) -> Result<Reply<RecoveryCodes>, ApiError> {
    let user = person(&signed_in)?;
    context.write(signed_in.call(), move |work| ops::confirm_second_factor(work, user, &body.0.otp)).await.map(Reply)
}

/// Remove the second factor
///
/// Asks for the password and a code of the application, or a recovery code. Without either, a manager removes it:
/// `POST /v1/users/{id}/reset-second-factor`.
#[utoipa::path(
    post,
    path = "/v1/me/second-factor/remove",
    responses((status = 403, description = "The token is a client's."))
)]
pub(super) async fn remove_second_factor(
    signed_in: SignedIn,
    context: Data<Context>,
    request: HttpRequest,
    body: Body<SecondFactorRemoval>,
) -> Result<NoContent, ApiError> {
    let user = person(&signed_in)?;
    let SecondFactorRemoval { password, otp } = body.0;
    let attempt = prove(&context, &request, user, password, "/password").await?;
    let remove =
        move |work: &mut crate::work::Work<'_>| ops::remove_second_factor(work, user, otp.as_deref(), &attempt);
    context.write(signed_in.call(), remove).await.map(|()| NoContent)
}

/// The user of a token; a client has neither password nor second factor.
fn person(signed_in: &SignedIn) -> Result<Id, ApiError> {
    match signed_in.principal.id {
        PrincipalId::User(user) => Ok(user),
        _ => Err(ApiError::new(Code::Forbidden).detail(
            "Cet appel est pour une personne, pas pour un client.",
            "This call is for a person, not for a client.",
        )),
    }
}

/// Has a user prove that they know their password: a token that was stolen must not be enough to keep the account.
async fn prove(
    context: &Context,
    request: &HttpRequest,
    user: Id,
    given: String,
    pointer: &str,
) -> Result<Attempt, ApiError> {
    let attempt = Attempt::new(&context.vault, user.as_str(), client_address(request));
    attempts::count(context, &attempt).await?;
    let stored = context.read(PrincipalId::User(user), move |work| ops::password_hash(work, user)).await?;
    if password::verify(given, Some(stored)).await? {
        return Ok(attempt);
    }
    let wrong = Text::new("Le mot de passe est faux.", "The password is wrong.");
    Err(ApiError::rule(pointer, "wrong_password", wrong))
}
