//! The operation of the figures of the network.

use actix_web::web::Data;

use super::dto::{ReferentFigures, ReferentFiguresPeriod};
use super::ops;
use crate::auth::grants::ReferentsRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{Path, Query, Reply};

/// Get the figures of the network of referents
///
/// Live figures of a period of at most five years: appointments, departures and their reasons, turnover, and standings at its
/// end. `definitions` says what each figure counts. For the service's staff only: small figures can identify people.
#[utoipa::path(get, path = "/v1/services/{id}/referent-figures")]
pub(super) async fn get_referent_figures(
    can: Can<ReferentsRead>,
    context: Data<Context>,
    id: Path<Id>,
    period: Query<ReferentFiguresPeriod>,
) -> Result<Reply<ReferentFigures>, ApiError> {
    context.read(can.call(), move |work| ops::figures(work, &can.scope, id.0, &period.0)).await.map(Reply)
}
