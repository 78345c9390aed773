//! The operation of the timetable.

use actix_web::web::Data;

use super::dto::{KitTimetablePage, TimetableDays};
use super::ops;
use crate::auth::grants::ReservationsRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::Path;
use crate::http::listed::Listed;
use crate::http::page::List;

/// List the timetable of the kits
///
/// Every kit of a service with its copies, and the reservations and loans that take each copy on some days, with their
/// borrowers: the calendar of the kits in one call. Kits are in the order of their titles. Of one kit, with the free days too:
/// `GET /v1/kits/{id}/availability`.
#[utoipa::path(get, path = "/v1/services/{id}/kit-timetable")]
pub(super) async fn list_kit_timetable(
    can: Can<ReservationsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<TimetableDays>,
) -> Result<Listed<KitTimetablePage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, list)).await
}
