//! The operations of the settings of lending.

use actix_web::web::Data;

use super::dto::{KitSettings, KitSettingsPatch};
use super::ops;
use crate::auth::grants::{CatalogueRead, KitsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{Conditional, Current, Patch, Path, Written};
use crate::work::Work;

/// Get how a service lends
///
/// How long a loan is, how much time there is between two, on which days the service is closed. Every service begins with
/// loans of 21 days, one open day between two, and weekends without lending.
#[utoipa::path(get, path = "/v1/services/{id}/kit-settings")]
pub(super) async fn get_kit_settings(
    can: Can<CatalogueRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<KitSettings>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Conditional how a service lends
///
/// A merge patch: what is absent stays. It binds what is booked next; a reservation keeps its dates and its buffer, even
/// on a day that is closed since.
#[utoipa::path(patch, path = "/v1/services/{id}/kit-settings")]
pub(super) async fn update_kit_settings(
    can: Can<KitsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<KitSettingsPatch>,
) -> Result<Written<Current<KitSettings>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}
