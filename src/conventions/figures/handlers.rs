//! The operation of the figures of conventions.

use actix_web::web::Data;

use super::dto::ConventionFigures;
use super::ops;
use crate::auth::grants::ConventionsRead;
use crate::conventions::funding::dto::YearQuery;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{Path, Query, Reply};

/// Get the figures of the conventions of a service
///
/// Returns the figures of a calendar year: conventions in effect, amounts due and received, communes and population
/// covered, each counted once. `definitions` explains what each figure counts.
#[utoipa::path(get, path = "/v1/services/{id}/convention-figures")]
pub(super) async fn get_convention_figures(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    of: Query<YearQuery>,
) -> Result<Reply<ConventionFigures>, ApiError> {
    context.read(can.call(), move |work| ops::figures(work, &can.scope, id.0, of.0.year)).await.map(Reply)
}
