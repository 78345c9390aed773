//! The operations of users.

use actix_web::HttpRequest;
use actix_web::web::Data;

use super::dto::{PasswordReset, PasswordResetAnswer, RoleChange, User, UserFilter, UserPage, UserPatch};
use super::ops::{self, UserRow};
use crate::auth::grants::AccountsWrite;
use crate::auth::{PrincipalId, password};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Context;
use crate::http::call_of;
use crate::http::page::{List, Listed};
use crate::http::{Body, Conditional, ConditionalUnstored, Current, NoContent, Patch, Path, Reply, Written};
use crate::http::{Can, Public};
use crate::work::Work;

/// List the users
///
/// Those with a role in the services of the token, oldest first; all of them for an administrator.
#[utoipa::path(get, path = "/v1/users")]
pub(super) async fn list_users(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    list: List<UserFilter>,
) -> Result<Listed<UserPage>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, &list)).await.map(Listed)
}

/// Get a user
///
/// One account, with its roles in the services of the token.
#[utoipa::path(get, path = "/v1/users/{id}")]
pub(super) async fn get_user(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<User>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Correct a user
///
/// The name that colleagues see; and, for administrators, who administers the deployment.
#[utoipa::path(
    patch,
    path = "/v1/users/{id}",
    responses((status = 409, description = "It is the last administrator."))
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
/// A role that they had there is replaced; null takes it away. Somebody who has no role yet in a service of the token is
/// invited instead: `POST /v1/invitations`.
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
/// Every session ends, and tokens do not work any more: at once on this instance of the program, within five seconds on
/// another. A manager disables the accounts that have roles in their services only.
#[utoipa::path(
    post,
    path = "/v1/users/{id}/disable",
    responses((status = 409, description = "It is the caller, or the last administrator."))
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
/// A disabled account can sign in again, with its password and the roles that it had.
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
/// For somebody who has lost their application and their recovery codes: signing in asks for the password alone, and every
/// session ends.
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

/// Acts upon a user of the scope, and has this instance read their rights again.
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
/// Returns a one-time token to hand over, valid for a day. The present password works until the token is used.
#[utoipa::path(post, path = "/v1/users/{id}/password-reset")]
pub(super) async fn create_password_reset(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: ConditionalUnstored,
) -> Result<Reply<PasswordReset>, ApiError> {
    let (call, scope) = (can.call(), can.scope.clone());
    let find = move |work: &mut Work<'_>| ops::find(work, &scope, id.0);
    change.run(&context, call, find, move |work, row| ops::begin_reset(work, &can.scope, &row)).await.map(Reply)
}

/// Set a new password by a one-time token
///
/// For whoever was given a token by `POST /v1/users/{id}/password-reset`. Every session of the account ends.
#[utoipa::path(post, path = "/v1/password-resets/use")]
pub(super) async fn reset_password(
    _: Public,
    context: Data<Context>,
    request: HttpRequest,
    body: Body<PasswordResetAnswer>,
) -> Result<NoContent, ApiError> {
    let PasswordResetAnswer { token, password } = body.0;
    // First of all the token: without one nobody has a password hashed.
    let first = token.clone();
    context.read(PrincipalId::Local, move |work| ops::require_reset(work, &first).map(drop)).await?;
    let hash = password::hash(password).await?;
    let call = call_of(&request, PrincipalId::Local);
    context.write(call, move |work| ops::use_reset(work, &token, &hash)).await?;
    context.revocations.forget();
    Ok(NoContent)
}
