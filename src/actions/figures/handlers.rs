//! The operation of the figures of the collective actions.

use actix_web::web::Data;

use super::dto::{ActionFigures, ActionFiguresPeriod};
use super::ops;
use crate::auth::grants::ActionsRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{Path, Query, Reply};

/// Get the figures of the collective actions of a service
///
/// Returns live figures of a period of at most five years: actions held by kind, commune and complementary service;
/// participants; working time; cancellations by reason; attendance rate of registrations. `definitions` explains what
/// each figure counts. For the service's own staff only: small figures can identify people.
#[utoipa::path(get, path = "/v1/services/{id}/action-figures")]
pub(super) async fn get_action_figures(
    can: Can<ActionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    period: Query<ActionFiguresPeriod>,
) -> Result<Reply<ActionFigures>, ApiError> {
    context.read(can.call(), move |work| ops::figures(work, &can.scope, id.0, &period.0)).await.map(Reply)
}
