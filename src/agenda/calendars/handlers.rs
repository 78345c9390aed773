//! The operations of the calendars of users.

use actix_web::HttpRequest;
use actix_web::web::Data;

use super::dto::{AgendaCalendarInput, AgendaCalendarPage, CreatedAgendaCalendar};
use super::ops;
use crate::agenda::ops::Viewer;
use crate::auth::{Permission, PrincipalId};
use crate::db::{Id, SystemScope};
use crate::error::{ApiError, Code};
use crate::http::file::CalendarFile;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Body, Context, Created, NoContent, Path, Public, SignedIn, call_of};

/// Create a calendar of your agenda
///
/// Creates a secret URL that a calendar application can read without an access token. The calendar contains the caller's
/// appointments and the follow-ups of the cases whose référent they are. It names nobody. Only this response contains the URL. Create one
/// per application, so that each can be deleted separately.
#[utoipa::path(
    post,
    path = "/v1/me/agenda-calendars",
    responses((status = 403, description = "The token belongs to an API client, or the user has no access to cases (`cases:read`): the calendar would have nothing."))
)]
pub(super) async fn create_agenda_calendar(
    signed_in: SignedIn,
    context: Data<Context>,
    body: Body<AgendaCalendarInput>,
) -> Result<Created<CreatedAgendaCalendar>, ApiError> {
    let (user, base) = (signed_in.user()?, context.public_url.clone());
    if signed_in.principal.services_with(Permission::CasesRead).is_empty() {
        let refused = ApiError::new(Code::Forbidden).detail(
            "Ce compte n'a accès à aucun suivi : l'agenda serait vide.",
            "This account has no access to cases: the calendar would have nothing.",
        );
        return Err(refused.with("required_permission", Permission::CasesRead.as_str()));
    }
    context.write(signed_in.call(), move |work| ops::open(work, user, &body.0, &base)).await.map(Created)
}

/// List the calendars of your agenda
///
/// Returns the calendars of the caller, oldest first, without their URLs.
#[utoipa::path(
    get,
    path = "/v1/me/agenda-calendars",
    responses((status = 403, description = "The token belongs to an API client."))
)]
pub(super) async fn list_agenda_calendars(
    signed_in: SignedIn,
    context: Data<Context>,
    list: List<NoFilter>,
) -> Result<Listed<AgendaCalendarPage>, ApiError> {
    let user = signed_in.user()?;
    list.read(&context, signed_in.call(), move |work, list| ops::list(work, user, &list.page)).await
}

/// Delete a calendar of your agenda
///
/// Deletes a calendar of the caller. Its URL stops working.
#[utoipa::path(
    delete,
    path = "/v1/me/agenda-calendars/{id}",
    responses((status = 403, description = "The token belongs to an API client."))
)]
pub(super) async fn delete_agenda_calendar(
    signed_in: SignedIn,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<NoContent, ApiError> {
    let user = signed_in.user()?;
    context.write(signed_in.call(), move |work| ops::withdraw(work, user, id.0)).await?;
    Ok(NoContent)
}

/// Read a calendar of an agenda
///
/// For calendar applications. The URL itself is the credential: no access token is needed. Returns the appointments of its
/// user and the follow-ups of the cases whose référent they are, from 30 days ago to 180 days ahead, with types of place and without names.
/// It is a 404 once it is deleted, or once its user is disabled or has no access to cases any more.
#[utoipa::path(get, path = "/agendas/{secret}", params(("secret" = String, Path, description = "The secret token of the URL.")))]
pub(super) async fn read_agenda_calendar(
    _: Public,
    req: HttpRequest,
    context: Data<Context>,
    secret: Path<String>,
) -> Result<CalendarFile, ApiError> {
    let finding = call_of(&req, PrincipalId::Local, SystemScope::Deployment);
    let user = PrincipalId::User(context.read(finding, move |work| ops::user_of(work, &secret.0)).await?);
    let principal = context.active(user).await?.ok_or_else(ApiError::not_found)?;
    let services = principal.services_with(Permission::CasesRead);
    if services.is_empty() {
        return Err(ApiError::not_found());
    }
    let reading = call_of(&req, user, crate::db::DbScope::services(&services));
    let viewer = Viewer::of(&principal, &crate::auth::ServiceScope::Only(services));
    context.read(reading, move |work| ops::file(work, &viewer)).await.map(CalendarFile)
}
