//! The operations on the sessions of the caller.

use actix_web::web::Data;

use super::dto::SessionPage;
use super::ops;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Context, NoContent, Path, SignedIn};

/// List your sessions
///
/// Returns the open sessions of the caller, latest first: when and from which address each was last renewed. A session that
/// you do not know is a reason to end it and to change the password.
#[utoipa::path(
    get,
    path = "/v1/me/sessions",
    responses((status = 403, description = "The token belongs to an API client."))
)]
pub(super) async fn list_sessions(
    signed_in: SignedIn,
    context: Data<Context>,
    list: List<NoFilter>,
) -> Result<Listed<SessionPage>, ApiError> {
    let (user, session) = (signed_in.user()?, signed_in.session);
    list.read(&context, signed_in.call(), move |work, list| ops::list(work, user, session, &list.page)).await
}

/// End your other sessions
///
/// Ends every session of the caller except that of this call. Their tokens stop working: immediately on this instance of
/// the program, within five seconds on the others.
#[utoipa::path(
    delete,
    path = "/v1/me/sessions",
    responses((status = 403, description = "The token belongs to an API client."))
)]
pub(super) async fn end_other_sessions(signed_in: SignedIn, context: Data<Context>) -> Result<NoContent, ApiError> {
    let (user, session) = (signed_in.user()?, signed_in.session);
    context.write(signed_in.call(), move |work| ops::end_others(work, user, session)).await?;
    context.revocations.forget();
    Ok(NoContent)
}

/// End one of your sessions
///
/// Ends a session of the caller, which may be that of this call.
#[utoipa::path(
    delete,
    path = "/v1/me/sessions/{id}",
    responses((status = 403, description = "The token belongs to an API client."))
)]
pub(super) async fn end_session(
    signed_in: SignedIn,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<NoContent, ApiError> {
    let user = signed_in.user()?;
    context.write(signed_in.call(), move |work| ops::end_own(work, user, id.0)).await?;
    context.revocations.forget();
    Ok(NoContent)
}
