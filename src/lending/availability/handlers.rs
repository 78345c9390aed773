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

/// Get the availability of a kit
///
/// Each copy day by day, and the next loans of the usual length that are possible, with the rules that say so. A copy whose
/// loan is late counts as taken until it could be lent if it came back today. To find what is free in a week across the
/// catalogue, list the kits with `free_from` and `free_to`.
#[utoipa::path(get, path = "/v1/kits/{id}/availability")]
pub(super) async fn get_kit_availability(
    can: Can<CatalogueRead>,
    context: Data<Context>,
    id: Path<Id>,
    days: Query<AvailabilityDays>,
) -> Result<Tagged<KitAvailability>, ApiError> {
    context.read(can.call(), move |work| ops::availability(work, &can.scope, id.0, &days.0)).await.map(Tagged)
}
