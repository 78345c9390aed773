//! The operation on notices.

use actix_web::web::Data;

use super::dto::{NoticeFilter, NoticePage};
use super::ops;
use crate::error::ApiError;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Context, SignedIn};

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
    let (user, call, principal) = (signed_in.user()?, signed_in.call(), signed_in.principal);
    list.read(&context, call, move |work, list| ops::list(work, user, &principal, list)).await
}
