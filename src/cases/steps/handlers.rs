//! The operations of steps.

use actix_web::web::Data;

use super::dto::{CaseStepPage, Step, StepInput};
use super::ops;
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Body, Created, Once, Path, Written};
use crate::work::Work;

/// Record a step
///
/// A dated milestone of a case. Steps may be skipped or revisited. A placement records `effective_placement` and a closure
/// records `closure`: neither is accepted here (`recorded_by_placement`, `recorded_by_closing`).
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/steps",
    responses((status = 409, description = "The case is closed."))
)]
pub(super) async fn create_case_step(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<StepInput>,
) -> Result<Written<Created<Step>>, ApiError> {
    let scope = can.scope.clone();
    let record = move |work: &mut Work<'_>, case| ops::record(work, &scope, &case, &body.0).map(Created);
    once.under_object(&context, can, id.0, cases::ops::find, record).await
}

/// List the steps of a case
///
/// The steps reached, ordered by date.
#[utoipa::path(get, path = "/v1/cases/{id}/steps")]
pub(super) async fn list_case_steps(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<CaseStepPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, &list.page)).await
}
