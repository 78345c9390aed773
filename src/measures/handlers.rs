//! The operation of live values.

use actix_web::web::Data;

use super::dto::{IndicatorValueFilter, IndicatorValuePage};
use super::ops::{self, Reader};
use crate::auth::grants::ActivityRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::path::Path2;
use crate::http::{Can, Context};

/// List the live values of an indicator
///
/// Returns the values of an indicator of a service by period, earliest first: for a chart, or as a spreadsheet. They are
/// computed from the records of now by the version in force, `live`, and not for publication: for the service's own staff
/// only. Null is not 0: `missing` says why there is no value. Periods are whole, school years go from September to August.
/// What does not add up says so (`adds_up_over_periods`, `adds_up_over_categories`): request the period you need. Values
/// about actions, conventions and referents also need the permission to read them.
#[utoipa::path(get, path = "/v1/services/{id}/indicators/{code}/values", params(
    ("id" = Id, Path, description = "Identifier of the service."),
    ("code" = String, Path, description = "Code of the indicator.", example = "kit_loans")
))]
pub(super) async fn list_indicator_values(
    can: Can<ActivityRead>,
    context: Data<Context>,
    path: Path2<Id, String>,
    list: List<IndicatorValueFilter>,
) -> Result<Listed<IndicatorValuePage>, ApiError> {
    let reader = Reader::of(&can.principal);
    let call = can.call();
    list.read(&context, call, move |work, list| ops::list(work, &can.scope, &reader, path.0, &path.1, list)).await
}
