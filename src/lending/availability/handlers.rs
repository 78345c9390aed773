//! The operation of availability.

use actix_web::web::Data;

use super::dto::{AvailabilityDays, KitAvailability};
use super::ops;
use crate::auth::grants::CatalogueRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{Path, Query, Tagged};
use crate::lending::past::Past;

/// Get the availability of a kit
///
/// Returns the state of each copy day by day, the next possible loans of the usual length, and the rules that apply. A
/// copy with an overdue loan counts as taken until the day on which it could be lent if it came back today. To find the
/// kits that are free in a given week, list the kits with `free_from` and `free_to`. Days before today would count the loans:
/// they are for callers who also hold `reservations:read` (400 `in_the_past`).
#[utoipa::path(get, path = "/v1/kits/{id}/availability")]
pub(super) async fn get_kit_availability(
    can: Can<CatalogueRead>,
    context: Data<Context>,
    id: Path<Id>,
    days: Query<AvailabilityDays>,
) -> Result<Tagged<KitAvailability>, ApiError> {
    let past = Past::of(&can);
    context.read(can.call(), move |work| ops::availability(work, (&can.scope, &past), id.0, &days.0)).await.map(Tagged)
}
