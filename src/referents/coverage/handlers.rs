//! The operation of coverage.

use actix_web::web::Data;

use super::dto::{ReferentCoverage, ReferentCoverageDay};
use super::ops;
use crate::auth::grants::ReferentsRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{Path, Query, Reply};

/// Get the coverage by certified referents
///
/// How many structures and communes have a certified referent on a day, among the structures of the directory that can have
/// one, and the municipal population of these communes. `definitions` says what each figure counts. For the service's staff.
#[utoipa::path(get, path = "/v1/services/{id}/referent-coverage")]
pub(super) async fn get_referent_coverage(
    can: Can<ReferentsRead>,
    context: Data<Context>,
    id: Path<Id>,
    day: Query<ReferentCoverageDay>,
) -> Result<Reply<ReferentCoverage>, ApiError> {
    context.read(can.call(), move |work| ops::coverage(work, &can.scope, id.0, &day.0)).await.map(Reply)
}
