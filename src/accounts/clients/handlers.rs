//! The operations of API clients.

use actix_web::web::Data;

use super::dto::{
    ApiClient, ClientFilter, ClientInput, ClientPage, ClientPatch, ClientSecret, CreatedClient, SecretChange,
};
use super::ops::{self, ClientRow};
use crate::auth::PrincipalId;
use crate::auth::grants::AccountsWrite;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Conditional, ConditionalWithoutReplay, Created, Current, Patch, Path, Reply, Written};
use crate::work::Work;

/// Create an API client
///
/// Creates a client for a program or an institution. Only this response contains the secret. The client of a partner
/// institution names the institution and its territory, and can have no right to any child's data.
#[utoipa::path(post, path = "/v1/clients")]
pub(super) async fn create_client(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    body: Body<ClientInput>,
) -> Result<Created<CreatedClient>, ApiError> {
    context.write(can.call(), move |work| ops::create(work, &can.scope, &body.0)).await.map(Created)
}

/// List the API clients
///
/// Returns the clients that have a permission in the caller's services, oldest first.
#[utoipa::path(get, path = "/v1/clients")]
pub(super) async fn list_clients(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    list: List<ClientFilter>,
) -> Result<Listed<ClientPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get an API client
///
/// Returns the client, its permissions and when it was last used.
#[utoipa::path(get, path = "/v1/clients/{id}")]
pub(super) async fn get_client(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<ApiClient>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Update an API client
///
/// Changes its name, its permissions, its expiry date or its allowed networks. The change takes effect immediately on
/// this instance of the program, and within five seconds on the others. A manager can only change clients whose
/// services are all theirs.
#[utoipa::path(patch, path = "/v1/clients/{id}")]
pub(super) async fn update_client(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ClientPatch>,
) -> Result<Written<Current<ApiClient>>, ApiError> {
    let scope = can.scope.clone();
    act(can, &context, id.0, change, move |work, row| ops::correct(work, &scope, row, patch.0)).await
}

/// Rotate the secret of an API client
///
/// Only this response contains the new secret. The previous secret also works for the requested number of hours.
#[utoipa::path(post, path = "/v1/clients/{id}/secret")]
pub(super) async fn create_client_secret(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: ConditionalWithoutReplay,
    body: Body<SecretChange>,
) -> Result<Reply<ClientSecret>, ApiError> {
    let (call, scope) = (can.call(), can.scope.clone());
    let find = move |work: &mut Work<'_>| ops::find(work, &scope, id.0);
    let rotate = move |work: &mut Work<'_>, row| ops::change_secret(work, &can.scope, &row, body.0.overlap_hours);
    let rotated = change.run(&context, call, find, rotate).await.map(Reply);
    context.principals.forget(PrincipalId::Client(id.0));
    rotated
}

/// Disable an API client
///
/// Its tokens stop working immediately on this instance of the program, and within five seconds on the others.
#[utoipa::path(post, path = "/v1/clients/{id}/disable")]
pub(super) async fn disable_client(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<ApiClient>>, ApiError> {
    let scope = can.scope.clone();
    act(can, &context, id.0, change, move |work, row| ops::disable(work, &scope, row)).await
}

/// Enable an API client
///
/// A disabled client works again, with the same secret.
#[utoipa::path(post, path = "/v1/clients/{id}/enable")]
pub(super) async fn enable_client(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<ApiClient>>, ApiError> {
    let scope = can.scope.clone();
    act(can, &context, id.0, change, move |work, row| ops::enable(work, &scope, row)).await
}

/// Confirm the rights of an API client
///
/// An administrator who gives a client rights on the data of a service, or a new secret to a client that has such rights,
/// could read this data: the client waits, and cannot sign in, until another administrator or a manager of its services
/// confirms it.
#[utoipa::path(
    post,
    path = "/v1/clients/{id}/confirm",
    responses((status = 409, description = "The client does not wait to be confirmed."))
)]
pub(super) async fn confirm_client(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<ApiClient>>, ApiError> {
    let scope = can.scope.clone();
    act(can, &context, id.0, change, move |work, row| ops::confirm(work, &scope, row)).await
}

/// Runs a use case on a client in scope, and drops its cached rights on this instance.
async fn act(
    can: Can<AccountsWrite>,
    context: &Context,
    id: Id,
    change: Conditional,
    f: impl FnOnce(&mut Work<'_>, &ClientRow) -> Result<ApiClient, ApiError> + Send + 'static,
) -> Result<Written<Current<ApiClient>>, ApiError> {
    let (call, scope) = (can.call(), can.scope);
    let find = move |work: &mut Work<'_>| ops::find(work, &scope, id);
    let written = change.run(context, call, find, move |work, row| f(work, &row).map(Current)).await;
    context.principals.forget(PrincipalId::Client(id));
    written
}
