//! The operation of the dashboard.

use actix_web::web::Data;

use super::dto::{Dashboard, DashboardOf};
use super::ops::{self, Readable};
use crate::auth::grants::CasesRead;
use crate::error::ApiError;
use crate::http::{Can, Context, Query, Reply};

/// Read the dashboard
///
/// Returns the counters of a home page of a service, read now: what is to be decided, due, overdue or about to end. A
/// counter that the caller may not read is null. `GET /v1/agenda` lists what is due.
#[utoipa::path(get, path = "/v1/dashboard", responses((status = 422, description = "`service_id` names no service of the caller.")))]
pub(super) async fn get_dashboard(
    can: Can<CasesRead>,
    context: Data<Context>,
    of: Query<DashboardOf>,
) -> Result<Reply<Dashboard>, ApiError> {
    let readable = Readable::of(&can.principal);
    context.read(can.call(), move |work| ops::read(work, &can.scope, &readable, of.0.service_id)).await.map(Reply)
}
