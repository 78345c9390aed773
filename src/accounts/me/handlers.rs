//! The operations on the caller's own account.

use actix_web::HttpRequest;
use actix_web::web::Data;

use super::dto::{
    Me, PasswordChange, RecoveryCodes, SecondFactorProof, SecondFactorRemoval, SecondFactorRequest, SecondFactorSecret,
    ServicePermissions,
};
use super::ops;
use crate::accounts::attempts::{self, Attempt};
use crate::auth::{Permission, PrincipalId, password};
use crate::db::{Id, SystemScope};
use crate::error::{ApiError, Code, Text};
use crate::http::Context;
use crate::http::SignedIn;
use crate::http::address::client_address;
use crate::http::{Body, NoContent, Reply};

/// Get the current principal
///
/// Returns the user or client of the access token, with its current permissions in each service.
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

/// Change your own password
///
/// All sessions of the user end, including the current one. Sign in again with the new password.
#[utoipa::path(post, path = "/v1/me/password", responses((status = 403, description = "The token belongs to an API client.")))]
pub(super) async fn change_password(
    signed_in: SignedIn,
    context: Data<Context>,
    request: HttpRequest,
    body: Body<PasswordChange>,
) -> Result<NoContent, ApiError> {
    let user = require_user(&signed_in)?;
    let PasswordChange { current_password, new_password } = body.0;
    let attempt = verify_password(&context, &request, user, current_password, "/current_password").await?;
    let hash = password::hash(new_password).await?;
    context.write(signed_in.call(), move |work| ops::change_password(work, user, &hash, &attempt)).await?;
    context.revocations.forget();
    Ok(NoContent)
}

/// Set up a second factor
///
/// Returns a secret for an authenticator application (TOTP, RFC 6238: SHA-1, six digits, thirty seconds). The second
/// factor is not active until `POST /v1/me/second-factor/confirm` receives a valid code. Until then, calling this
/// operation again replaces the secret.
#[utoipa::path(
    post,
    path = "/v1/me/second-factor",
    responses(
        (status = 403, description = "The token belongs to an API client."),
        (status = 409, description = "The account already has a second factor.")
    )
)]
pub(super) async fn begin_second_factor(
    signed_in: SignedIn,
    context: Data<Context>,
    request: HttpRequest,
    body: Body<SecondFactorRequest>,
) -> Result<Reply<SecondFactorSecret>, ApiError> {
    let user = require_user(&signed_in)?;
    let attempt = verify_password(&context, &request, user, body.0.password, "/password").await?;
    context.write(signed_in.call(), move |work| ops::begin_second_factor(work, user, &attempt)).await.map(Reply)
}

/// Confirm a second factor
///
/// Activates the second factor: signing in with the password now requires a code. Returns recovery codes, only once.
#[utoipa::path(
    post,
    path = "/v1/me/second-factor/confirm",
    responses(
        (status = 403, description = "The token belongs to an API client."),
        (status = 409, description = "No second factor is waiting to be confirmed.")
    )
)]
pub(super) async fn confirm_second_factor(
    signed_in: SignedIn,
    context: Data<Context>,
    body: Body<SecondFactorProof>,
) -> Result<Reply<RecoveryCodes>, ApiError> {
    let user = require_user(&signed_in)?;
    context.write(signed_in.call(), move |work| ops::confirm_second_factor(work, user, &body.0.otp)).await.map(Reply)
}

/// Remove the second factor
///
/// Requires the password, and a code from the application or a recovery code. A user who has lost both needs a manager
/// to call `POST /v1/users/{id}/reset-second-factor`.
#[utoipa::path(
    post,
    path = "/v1/me/second-factor/remove",
    responses((status = 403, description = "The token belongs to an API client."))
)]
pub(super) async fn remove_second_factor(
    signed_in: SignedIn,
    context: Data<Context>,
    request: HttpRequest,
    body: Body<SecondFactorRemoval>,
) -> Result<NoContent, ApiError> {
    let user = require_user(&signed_in)?;
    let SecondFactorRemoval { password, otp } = body.0;
    let attempt = verify_password(&context, &request, user, password, "/password").await?;
    let remove =
        move |work: &mut crate::work::Work<'_>| ops::remove_second_factor(work, user, otp.as_deref(), &attempt);
    context.write(signed_in.call(), remove).await.map(|()| NoContent)
}

/// The user of the token. Refuses a client, which has neither password nor second factor.
fn require_user(signed_in: &SignedIn) -> Result<Id, ApiError> {
    match signed_in.principal.id {
        PrincipalId::User(user) => Ok(user),
        _ => Err(ApiError::new(Code::Forbidden).detail(
            "Cette opération est réservée aux comptes de personnes.",
            "This operation is for user accounts, not for API clients.",
        )),
    }
}

/// Verifies a user's password, so that a stolen token alone cannot take over the account. Counts as a sign-in attempt.
async fn verify_password(
    context: &Context,
    request: &HttpRequest,
    user: Id,
    given: String,
    pointer: &str,
) -> Result<Attempt, ApiError> {
    let attempt = Attempt::new(&context.vault, user.as_str(), client_address(request));
    attempts::count(context, &attempt).await?;
    let stored = context.read(SystemScope::Deployment, move |work| ops::password_hash(work, user)).await?;
    if password::verify(given, Some(stored)).await? {
        return Ok(attempt);
    }
    let wrong = Text::new("Le mot de passe est incorrect.", "The password is wrong.");
    Err(ApiError::rule(pointer, "wrong_password", wrong))
}
