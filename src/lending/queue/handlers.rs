//! The operation of the queue.

use actix_web::web::Data;

use super::ops;
use crate::auth::grants::ReservationsRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::Path;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::lending::reservations::dto::ReservationPage;
use crate::lending::reservations::dto::filter::QueueFilter;

/// List the queue of a kit
///
/// Returns the reservations that wait for a copy, first come, first served. When a copy becomes available, it is
/// proposed to the first reservation that can use it. That reservation then has the status `proposed` and leaves the
/// queue.
#[utoipa::path(get, path = "/v1/kits/{id}/queue")]
pub(super) async fn list_kit_queue(
    can: Can<ReservationsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<QueueFilter>,
) -> Result<Listed<ReservationPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, list)).await
}
