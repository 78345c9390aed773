//! The operations of the settings of statistics.

use actix_web::web::Data;

use super::dto::{StatisticsSettings, StatisticsSettingsPatch};
use super::ops;
use crate::auth::Permission;
use crate::auth::grants::{ActivityRead, StatisticsManage};
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::Can;
use crate::http::Context;
use crate::http::{Conditional, Current, Patch, Path, Written};

/// Get the statistics settings of a service
///
/// Returns the specification and the thresholds of the service, with their author and reason. By default, a service
/// uses the specification `small` below 300 children per year and `large` from 300, with thresholds of 11 for open
/// releases and 5 for partner releases. The default depends on the current number of children, so only callers who may
/// read unpublished figures may read these settings. Each release states what it follows.
#[utoipa::path(get, path = "/v1/services/{id}/statistics-settings")]
pub(super) async fn get_statistics_settings(
    can: Can<ActivityRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<StatisticsSettings>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Update the statistics settings of a service
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. The reason is required. The settings
/// apply from the next release on; published releases do not change. The open threshold is at least 11, the partner
/// threshold at least 5. The response says what the default is, so the caller also holds `activity:read` (403).
#[utoipa::path(patch, path = "/v1/services/{id}/statistics-settings")]
pub(super) async fn update_statistics_settings(
    can: Can<StatisticsManage>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<StatisticsSettingsPatch>,
) -> Result<Written<Current<StatisticsSettings>>, ApiError> {
    let live = can.principal.scope_of(Permission::ActivityRead);
    if !live.contains(id.0) && can.scope.contains(id.0) {
        return Err(ApiError::new(Code::Forbidden).with("required_permission", Permission::ActivityRead.as_str()));
    }
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}
