//! The operations of coverage.

use actix_web::web::Data;

use super::dto::{Coverage, CoverageQuestion, CoveredCommuneFilter, CoveredCommunePage};
use super::ops;
use crate::auth::grants::ConventionsRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Path, Query, Reply};

/// Get the coverage of a commune
///
/// Returns the conventions that cover a commune on a day: its own, or that of the EPCI it belongs to on that day. If
/// both are in effect, both are listed and the commune counts once. Boundary changes apply from their date.
#[utoipa::path(get, path = "/v1/coverage")]
pub(super) async fn get_coverage(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    query: Query<CoverageQuestion>,
) -> Result<Reply<Coverage>, ApiError> {
    context.read(can.call(), move |work| ops::coverage(work, &can.scope, &query.0)).await.map(Reply)
}

/// List the communes with their coverage
///
/// Returns every commune of the departements of a service, covered or not, on a day, in the order of INSEE codes: the
/// data of a map.
#[utoipa::path(get, path = "/v1/services/{id}/covered-communes")]
pub(super) async fn list_covered_communes(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<CoveredCommuneFilter>,
) -> Result<Listed<CoveredCommunePage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::communes(work, &can.scope, id.0, list)).await
}
