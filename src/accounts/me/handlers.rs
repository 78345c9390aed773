//! The operations on the caller's own account.

use actix_web::HttpRequest;
use actix_web::web::Data;

use super::dto::{
    Me, PasswordChange, RecoveryCodes, SecondFactorProof, SecondFactorRemoval, SecondFactorRequest, SecondFactorSecret,
};
use super::ops;
use crate::accounts::attempts::{self, Attempt};
use crate::accounts::passwords;
use crate::auth::{PrincipalId, password, refuse_weak};
use crate::db::{Id, SystemScope};
use crate::error::{ApiError, Text};
use crate::http::Context;
use crate::http::SignedIn;
use crate::http::address::subscriber;
use crate::http::{Body, NoContent, Reply};
use crate::work::Work;

/// Get the current principal
///
/// Returns the user or client of the access token by name, with its role and its current permissions in each service, which is
/// named too.
#[utoipa::path(get, path = "/v1/me")]
pub(super) async fn get_me(signed_in: SignedIn, context: Data<Context>) -> Result<Reply<Me>, ApiError> {
    let principal = std::sync::Arc::clone(&signed_in.principal);
    let second_factor_missing = context.policy.must_enrol(&principal);
    let me = move |work: &mut Work<'_>| ops::me(work, &principal, second_factor_missing);
    context.read(signed_in.call(), me).await.map(Reply)
}

/// Change your own password
///
/// Requires the current password, and a code if the account has a second factor. All sessions of the user end, including
/// the current one. Sign in again with the new password.
#[utoipa::path(post, path = "/v1/me/password", responses((status = 403, description = "The token belongs to an API client.")))]
pub(super) async fn change_password(
    signed_in: SignedIn,
    context: Data<Context>,
    request: HttpRequest,
    body: Body<PasswordChange>,
) -> Result<NoContent, ApiError> {
    let user = signed_in.user()?;
    let PasswordChange { current_password, new_password, otp } = body.0;
    let (attempt, owner) = verify_password(&context, &request, user, current_password, "/current_password").await?;
    refuse_weak(&new_password, "/new_password", &[&owner.email, &owner.display_name])?;
    let hash = password::hash(subscriber(&request), new_password).await?;
    let attempt = if otp.is_some() { attempts::count_code(&context, attempt).await? } else { attempt };
    let change = move |work: &mut Work<'_>| ops::change_password(work, user, otp.as_deref(), &hash, &attempt);
    context.write(signed_in.call(), change).await?;
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
    let user = signed_in.user()?;
    let (attempt, _) = verify_password(&context, &request, user, body.0.password, "/password").await?;
    context.write(signed_in.call(), move |work| ops::begin_second_factor(work, user, &attempt)).await.map(Reply)
}

/// Confirm a second factor
///
/// Activates the second factor: signing in with the password now requires a code. Returns recovery codes, only once. The
/// other sessions of the user end.
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
    request: HttpRequest,
    body: Body<SecondFactorProof>,
) -> Result<Reply<RecoveryCodes>, ApiError> {
    let user = signed_in.user()?;
    let attempt = Attempt::new(&context.vault, user.as_str(), subscriber(&request));
    let attempt = attempts::count_code(&context, attempt).await?;
    let (call, session) = (signed_in.call(), signed_in.session);
    let confirm = move |work: &mut Work<'_>| ops::confirm_second_factor(work, user, &body.0.otp, &attempt, session);
    let codes = context.write(call, confirm).await?;
    context.principals.forget(PrincipalId::User(user));
    context.revocations.forget();
    Ok(Reply(codes))
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
    let user = signed_in.user()?;
    let SecondFactorRemoval { password, otp } = body.0;
    let (attempt, _) = verify_password(&context, &request, user, password, "/password").await?;
    let attempt = if otp.is_some() { attempts::count_code(&context, attempt).await? } else { attempt };
    let remove = move |work: &mut Work<'_>| ops::remove_second_factor(work, user, otp.as_deref(), &attempt);
    context.write(signed_in.call(), remove).await?;
    context.principals.forget(PrincipalId::User(user));
    Ok(NoContent)
}

/// Verifies a user's password, so that a stolen token alone cannot take over the account. Counts as a sign-in attempt.
async fn verify_password(
    context: &Context,
    request: &HttpRequest,
    user: Id,
    given: String,
    pointer: &str,
) -> Result<(Attempt, ops::Owner), ApiError> {
    let attempt = Attempt::new(&context.vault, user.as_str(), subscriber(request));
    let attempt = attempts::count(context, attempt).await?;
    let owner = context.read(SystemScope::Deployment, move |work| ops::owner(work, user)).await?;
    if passwords::verify(context, subscriber(request), Some((user, owner.password_hash.clone())), given).await? {
        return Ok((attempt, owner));
    }
    let wrong = Text::new("Le mot de passe est incorrect.", "The password is wrong.");
    Err(ApiError::rule(pointer, "wrong_password", wrong))
}
