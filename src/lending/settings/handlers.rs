//! The operations of the lending settings.

use actix_web::web::Data;

use super::dto::{HolidayYear, KitSettings, KitSettingsPatch, PublicHolidays};
use super::ops;
use crate::auth::grants::{CatalogueRead, KitsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{Conditional, Current, Patch, Path, Query, Tagged, Written};

/// Get the lending settings of a service
///
/// Returns the length of a loan, the buffer between two loans and the days on which the service is closed. By default,
/// loans last 21 days, the buffer is one open day, and weekends are closed.
#[utoipa::path(get, path = "/v1/services/{id}/kit-settings")]
pub(super) async fn get_kit_settings(
    can: Can<CatalogueRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<KitSettings>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Update the lending settings of a service
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. The new settings apply to later bookings
/// only: existing reservations keep their dates and their buffer, even if they start or end on a day that is now
/// closed.
#[utoipa::path(patch, path = "/v1/services/{id}/kit-settings")]
pub(super) async fn update_kit_settings(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<KitSettingsPatch>,
) -> Result<Written<Current<KitSettings>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Get the public holidays of a service
///
/// Returns the French public holidays of a year in the départements of the service, computed from the Labour Code, with
/// those that the lending settings already close. They close nothing by themselves: to close the service on some of them,
/// add them to `closings` of the lending settings. Good Friday is a public holiday in Alsace and Moselle only where there
/// is a Protestant church. None are computed for Wallis-et-Futuna, French Polynesia and New Caledonia, which have a labour
/// law of their own.
#[utoipa::path(get, path = "/v1/services/{id}/public-holidays")]
pub(super) async fn get_public_holidays(
    can: Can<CatalogueRead>,
    context: Data<Context>,
    id: Path<Id>,
    year: Query<HolidayYear>,
) -> Result<Tagged<PublicHolidays>, ApiError> {
    context.read(can.call(), move |work| ops::holidays(work, &can.scope, id.0, year.0.year)).await.map(Tagged)
}
