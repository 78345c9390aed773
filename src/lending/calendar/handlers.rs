//! The operations of calendars.

use actix_web::HttpRequest;
use actix_web::web::Data;

use super::dto::{CreatedKitCalendar, KitCalendarInput, KitCalendarPage};
use super::ops;
use crate::auth::PrincipalId;
use crate::auth::grants::KitsWrite;
use crate::db::{Id, SystemScope};
use crate::error::ApiError;
use crate::http::Context;
use crate::http::call_of;
use crate::http::file::CalendarFile;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Body, Conditional, Created, Deletion, NoContent, Path, Query, Written};
use crate::http::{Can, Public};
use crate::services;
use crate::work::Work;

/// Create a calendar of the kits
///
/// Creates a secret URL that a calendar application can read without an access token. The calendar contains kits,
/// copies, days and states, and no personal data. Only this response contains the URL. Create one per application, so
/// that each can be deleted separately.
#[utoipa::path(post, path = "/v1/services/{id}/kit-calendars")]
pub(super) async fn create_kit_calendar(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    body: Body<KitCalendarInput>,
) -> Result<Created<CreatedKitCalendar>, ApiError> {
    let (call, base) = (can.call(), context.public_url.clone());
    let open = move |work: &mut Work<'_>| {
        let service = services::ops::find(work, &can.scope, id.0)?;
        ops::open(work, &service, &body.0, &base)
    };
    context.write(call, open).await.map(Created)
}

/// List the calendars of the kits
///
/// Returns the calendars of a service, oldest first, without their URLs.
#[utoipa::path(get, path = "/v1/services/{id}/kit-calendars")]
pub(super) async fn list_kit_calendars(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<KitCalendarPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, &list.page)).await
}

/// Delete a calendar of the kits
///
/// Deletes the calendar. Its URL stops working.
#[utoipa::path(delete, path = "/v1/kit-calendars/{id}")]
pub(super) async fn delete_kit_calendar(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let withdraw = move |work: &mut Work<'_>, row| ops::withdraw(work, &row, why.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, withdraw).await
}

/// Read a calendar of the kits
///
/// For calendar applications. The URL itself is the credential: no access token is needed. Returns the reservations
/// that have a copy, from 90 days ago on, and the closing periods, as whole-day events.
#[utoipa::path(get, path = "/calendars/{token}", params(("token" = String, Path, description = "The secret token of the URL.")))]
pub(super) async fn read_kit_calendar(
    _: Public,
    req: HttpRequest,
    context: Data<Context>,
    token: Path<String>,
) -> Result<CalendarFile, ApiError> {
    let call = call_of(&req, PrincipalId::Local, SystemScope::Calendar);
    context.read(call, move |work| ops::read(work, &token.0)).await.map(CalendarFile)
}
