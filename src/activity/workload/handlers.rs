//! The operation on the load of a team.

use actix_web::web::Data;

use super::dto::Workload;
use super::ops;
use crate::auth::grants::ActivityRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::{Can, Context, Path, Reply};

/// Get the workload of a team
///
/// Who accompanies how many open cases today, what is late or not planned, who waits, and the children accompanied this
/// year against the recommendation of the Cnaf: at least 30 per full-time equivalent and year. The recommendation is a
/// minimum and not a capacity. And the minutes of work of the last 28 days, of the team and of each professional.
#[utoipa::path(get, path = "/v1/services/{id}/workload")]
pub(super) async fn get_workload(
    can: Can<ActivityRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Reply<Workload>, ApiError> {
    context.read(can.call(), move |work| ops::workload(work, &can.scope, id.0)).await.map(Reply)
}
