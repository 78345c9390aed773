//! The operation of the figures of lending.

use actix_web::web::Data;

use super::dto::{KitFigures, KitFiguresPeriod};
use super::ops;
use crate::auth::grants::ActivityRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{Path, Query, Reply};

/// Get the figures of lending of a service
///
/// Live figures of a period of at most five years: loans by kit, by kind of borrower and by commune, days out, turnover, and
/// what was refused for lack of a copy, which tells what to buy. `definitions` says what each figure counts. For the
/// service's own staff: small figures point to people.
#[utoipa::path(get, path = "/v1/services/{id}/kit-figures")]
pub(super) async fn get_kit_figures(
    can: Can<ActivityRead>,
    context: Data<Context>,
    id: Path<Id>,
    period: Query<KitFiguresPeriod>,
) -> Result<Reply<KitFigures>, ApiError> {
    context.read(can.call(), move |work| ops::figures(work, &can.scope, id.0, &period.0)).await.map(Reply)
}
