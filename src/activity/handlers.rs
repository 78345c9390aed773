//! The operation of activity.

use actix_web::web::Data;

use super::dto::{Activity, ActivityPeriod};
use super::ops;
use crate::auth::grants::ActivityRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{Path, Query, Reply};

/// Get the activity of a service
///
/// Live figures of a period of at most five years: who was accompanied, who asked, the work done, the
/// places found, and the active file against the 30 children per full-time equivalent and year that Cnaf
/// recommends. `definitions` says what each figure counts, under `definition_version`; null means
/// unknown, which is not 0. Distinct children are not additive: the children of two half-years are not
/// those of the year, so ask for the period you need. For the service's own staff: small figures point
/// to people.
#[utoipa::path(get, path = "/v1/services/{id}/activity")]
pub(super) async fn get_activity(
    can: Can<ActivityRead>,
    context: Data<Context>,
    id: Path<Id>,
    period: Query<ActivityPeriod>,
) -> Result<Reply<Activity>, ApiError> {
    context.read(can.call(), move |work| ops::activity(work, &can.scope, id.0, &period.0)).await.map(Reply)
}
