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
/// Returns live figures of a period of at most five years: children and structures accompanied, referrals,
/// interventions, placements, and the active file compared with the 30 children per full-time equivalent and year that
/// Cnaf recommends. `definitions` explains what each figure counts, under `definition_version`. Null means unknown,
/// which is not 0. Distinct children are not additive: the children of two half-years do not add up to those of the
/// year, so request the period you need. For the service's own staff only: small figures can identify people.
#[utoipa::path(get, path = "/v1/services/{id}/activity")]
pub(super) async fn get_activity(
    can: Can<ActivityRead>,
    context: Data<Context>,
    id: Path<Id>,
    period: Query<ActivityPeriod>,
) -> Result<Reply<Activity>, ApiError> {
    context.read(can.call(), move |work| ops::activity(work, &can.scope, id.0, &period.0)).await.map(Reply)
}
