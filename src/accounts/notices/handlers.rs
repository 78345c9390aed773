//! The operation on notices.

use actix_web::web::Data;

use super::dto::{NoticeFilter, NoticePage};
use super::ops;
use crate::auth::{Permission, Principal};
use crate::db::{DbScope, Id};
use crate::error::ApiError;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Context, SignedIn};

/// Whose notices a caller reads: their own, those of their services, and the requests that wait for an administrator.
fn rows_of(user: Id, principal: &Principal) -> DbScope {
    let services = principal.services_with(Permission::AccountsWrite);
    let confirms = principal.everywhere.contains(Permission::AccountsWrite);
    let rows = if confirms { DbScope::administration(&services) } else { DbScope::services(&services) };
    rows.with_person(user)
}

/// List your notices
///
/// Returns what the caller must learn, latest first: another role, another password, a second factor set up or removed, a
/// password reset issued for them. A manager also reads the notices of their services: roles, API clients, and an
/// administrator who can see the children of the service. Notices are kept for a year.
#[utoipa::path(
    get,
    path = "/v1/me/notices",
    responses((status = 403, description = "The token belongs to an API client."))
)]
pub(super) async fn list_notices(
    signed_in: SignedIn,
    context: Data<Context>,
    list: List<NoticeFilter>,
) -> Result<Listed<NoticePage>, ApiError> {
    let (user, mut call, principal) = (signed_in.user()?, signed_in.call(), signed_in.principal);
    call.scope = rows_of(user, &principal);
    list.read(&context, call, move |work, list| ops::list(work, user, &principal, list)).await
}
