//! The operations of coverage.

use actix_web::web::Data;

use super::dto::{Coverage, CoverageQuestion, CoveredCommuneFilter, CoveredCommunePage};
use super::ops;
use crate::auth::grants::ConventionsRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::page::{List, Listed};
use crate::http::{Path, Query, Reply};

/// Ask whether a commune is covered
///
/// On a day, by which convention: its own, or that of the EPCI that it is in on that day. When both hold, both are named and
/// the commune counts once. Boundary changes are followed by date.
#[utoipa::path(get, path = "/v1/coverage")]
pub(super) async fn get_coverage(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    question: Query<CoverageQuestion>,
) -> Result<Reply<Coverage>, ApiError> {
    context.read(can.call(), move |work| ops::coverage(work, &can.scope, &question.0)).await.map(Reply)
}

/// List the communes with their coverage
///
/// Every commune of the departements of a service, by INSEE code, covered or not, on a day: the data of a map.
#[utoipa::path(get, path = "/v1/services/{id}/covered-communes")]
pub(super) async fn list_covered_communes(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<CoveredCommuneFilter>,
) -> Result<Listed<CoveredCommunePage>, ApiError> {
    context.read(can.call(), move |work| ops::communes(work, &can.scope, id.0, &list)).await.map(Listed)
}
