//! The operations on users.

use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};

use super::dto::{PasswordReset, PasswordResetAnswer, RoleChange, User, UserFilter, UserPage, UserPatch};
use super::ops::{self, UserRow};
use super::resets;
use crate::accounts::attempts::{self, Attempt};
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
use crate::http::{Body, Conditional, ConditionalWithoutReplay, Current, NoContent, Patch, Path, Reply, Written};
use crate::http::{Can, Public};
use crate::work::Work;

/// List the users
///
/// Returns the users with a role in the caller's services, oldest first. An administrator gets all users.
#[utoipa::path(get, path = "/v1/users")]
pub(super) async fn list_users(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    list: List<UserFilter>,
) -> Result<Listed<UserPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get a user
///
/// Returns one account, with its roles in the caller's services.
#[utoipa::path(get, path = "/v1/users/{id}")]
pub(super) async fn get_user(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<User>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Update a user
///
/// Changes the name that colleagues see. Administrators can also change whether the user administers the deployment.
#[utoipa::path(
    patch,
    path = "/v1/users/{id}",
    responses((status = 409, description = "The user is the last administrator."))
)]
pub(super) async fn update_user(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<UserPatch>,
) -> Result<Written<Current<User>>, ApiError> {
    let scope = can.scope.clone();
    act(can, &context, id.0, change, move |work, row| ops::correct(work, &scope, row, &patch.0)).await
}

/// Set the role of a user in a service
///
/// Replaces the role that the user had in the service; null removes it. For a person who has no role yet in a service
/// of the token, use `POST /v1/invitations` instead.
#[utoipa::path(post, path = "/v1/users/{id}/role")]
pub(super) async fn set_user_role(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<RoleChange>,
) -> Result<Written<Current<User>>, ApiError> {
    let scope = can.scope.clone();
    act(can, &context, id.0, change, move |work, row| ops::set_role(work, &scope, row, &body.0)).await
}

/// Disable a user
///
/// All sessions of the user end and their tokens stop working: immediately on this instance of the program, within five
/// seconds on the others. A manager can only disable accounts whose every role is in their services.
#[utoipa::path(
    post,
    path = "/v1/users/{id}/disable",
    responses((status = 409, description = "The user is the caller, or the last administrator."))
)]
pub(super) async fn disable_user(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<User>>, ApiError> {
    let scope = can.scope.clone();
    act(can, &context, id.0, change, move |work, row| ops::disable(work, &scope, row)).await
}

/// Enable a user
///
/// A disabled account can sign in again, with the same password and roles.
#[utoipa::path(post, path = "/v1/users/{id}/enable")]
pub(super) async fn enable_user(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<User>>, ApiError> {
    let scope = can.scope.clone();
    act(can, &context, id.0, change, move |work, row| ops::enable(work, &scope, row)).await
}

/// Remove the second factor of a user
///
/// For a user who has lost both their authenticator application and their recovery codes. Signing in then requires only
/// the password. All sessions of the user end. For your own account, use `POST /v1/me/second-factor/remove`.
#[utoipa::path(post, path = "/v1/users/{id}/reset-second-factor")]
pub(super) async fn reset_second_factor(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<User>>, ApiError> {
    let scope = can.scope.clone();
    act(can, &context, id.0, change, move |work, row| ops::reset_second_factor(work, &scope, row)).await
}

/// Runs a use case on a user in scope, and drops their cached rights on this instance.
async fn act(
    can: Can<AccountsWrite>,
    context: &Context,
    id: Id,
    change: Conditional,
    f: impl FnOnce(&mut Work<'_>, &UserRow) -> Result<User, ApiError> + Send + 'static,
) -> Result<Written<Current<User>>, ApiError> {
    let (call, scope) = (can.call(), can.scope);
    let find = move |work: &mut Work<'_>| ops::find(work, &scope, id);
    let written = change.run(context, call, find, move |work, row| f(work, &row).map(Current)).await;
    context.principals.forget(PrincipalId::User(id));
    context.revocations.forget();
    written
}

/// Let a user set a new password
///
/// Returns a one-time token to hand over to the user, valid for one day. The current password works until the token is
/// used. For your own account, use `POST /v1/me/password`.
#[utoipa::path(post, path = "/v1/users/{id}/password-reset")]
pub(super) async fn create_password_reset(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: ConditionalWithoutReplay,
) -> Result<Reply<PasswordReset>, ApiError> {
    let (call, scope) = (can.call(), can.scope.clone());
    let find = move |work: &mut Work<'_>| ops::find(work, &scope, id.0);
    change.run(&context, call, find, move |work, row| resets::begin(work, &can.scope, &row)).await.map(Reply)
}

/// Set a new password with a one-time token
///
/// For a user who was given a token from `POST /v1/users/{id}/password-reset`. An account with a second factor also sends a
/// code: without it, the problem is `second_factor_required`. All sessions of the user end.
#[utoipa::path(post, path = "/v1/password-resets/use")]
pub(super) async fn reset_password(
    _: Public,
    context: Data<Context>,
    request: HttpRequest,
    body: Body<PasswordResetAnswer>,
) -> Result<NoContent, ApiError> {
    let PasswordResetAnswer { token, password, otp } = body.0;
    // The token first: a caller without a valid one must not make the server hash a password.
    let checked = token.clone();
    let row = context.read(SystemScope::Deployment, move |work| resets::require(work, &checked)).await?;
    refuse_weak(&password, "/password", &[&row.email, &row.display_name])?;
    let user = row.id;
    // A guess of the second factor is an attempt to sign in.
    let attempt = Attempt::new(&context.vault, user.as_str(), subscriber(&request));
    let attempt = attempts::count(&context, attempt).await?;
    let attempt = if otp.is_some() { attempts::count_code(&context, attempt).await? } else { attempt };
    request.extensions_mut().insert(LoggedPrincipal(PrincipalId::User(user)));
    let hash = password::hash(subscriber(&request), password).await?;
    let call = call_of(&request, PrincipalId::Local, SystemScope::Invitation);
    context.write(call, move |work| resets::take(work, &row, (&token, &hash), otp.as_deref(), &attempt)).await?;
    context.revocations.forget();
    Ok(NoContent)
}
