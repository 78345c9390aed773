//! The operation of the lending figures.

use actix_web::web::Data;

use super::dto::{KitFigures, KitFiguresPeriod};
use super::ops;
use crate::auth::grants::ActivityRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{Path, Query, Reply};

/// Get the lending figures of a service
///
/// Returns live figures for a period of at most five years: loans per kit, per kind of borrower and per commune, days on
/// loan, loans per copy, and requests declined because no copy was free (which show what to buy). `definitions` says what
/// each figure counts. For the service's own staff only: small figures can identify people.
#[utoipa::path(get, path = "/v1/services/{id}/kit-figures")]
pub(super) async fn get_kit_figures(
    can: Can<ActivityRead>,
    context: Data<Context>,
    id: Path<Id>,
    period: Query<KitFiguresPeriod>,
) -> Result<Reply<KitFigures>, ApiError> {
    context.read(can.call(), move |work| ops::figures(work, &can.scope, id.0, &period.0)).await.map(Reply)
}
