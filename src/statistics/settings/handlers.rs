//! The operations of the settings of statistics.

use actix_web::web::Data;

use super::dto::{StatisticsSettings, StatisticsSettingsPatch};
use super::ops;
use crate::auth::grants::{ActivityRead, StatisticsManage};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{Conditional, Current, Patch, Path, Written};
use crate::work::Work;

/// Get how a service publishes its statistics
///
/// Which specification it follows, and under which thresholds, with who said so and why. A service that never said publishes
/// by `small` below 300 children a year and by `large` above, with 11 for everybody and 5 for partners. That goes by the children
/// of today, so it is for whoever may read figures that are not published: a release says to its readers what it follows.
#[utoipa::path(get, path = "/v1/services/{id}/statistics-settings")]
pub(super) async fn get_statistics_settings(
    can: Can<ActivityRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<StatisticsSettings>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Conditional how a service publishes its statistics
///
/// A merge patch: what is absent stays, but the reason, which is of this change. It binds the next release; what is published
/// stays as it is. No threshold goes below 11 for everybody, or 5 for partners.
#[utoipa::path(patch, path = "/v1/services/{id}/statistics-settings")]
pub(super) async fn update_statistics_settings(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<StatisticsSettingsPatch>,
) -> Result<Written<Current<StatisticsSettings>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}
