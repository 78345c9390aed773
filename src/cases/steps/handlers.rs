//! The operations of steps.

use actix_web::web::Data;

use super::dto::{CaseStepFilter, CaseStepPage, Step, StepInput, StepPatch};
use super::{correct, ops};
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases;
use crate::cases::corrections::dto::{CorrectionPage, Removal};
use crate::cases::corrections::ops::Corrector;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Body, Conditional, Created, Current, Deletion, Once, Patch, Path, Query, Reply, Written};
use crate::work::Work;

/// Record a step
///
/// A dated milestone of a case. Steps may be skipped or revisited. A placement records `effective_placement` and a closure
/// records `closure`: neither is accepted here (`recorded_by_placement`, `recorded_by_closing`). A closed case takes steps
/// that were reached before its closing for `late_entry_days` of the service, 60 by default (`after_closing`).
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/steps",
    responses((status = 409, description = "The case was closed too long ago."))
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
    list: List<CaseStepFilter>,
) -> Result<Listed<CaseStepPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, list)).await
}

/// Get a step
///
/// One dated milestone of a case.
#[utoipa::path(get, path = "/v1/case-steps/{id}")]
pub(super) async fn get_case_step(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Step>, ApiError> {
    context.read(can.call(), move |work| correct::get(work, &can.scope, id.0)).await.map(Current)
}

/// Correct a step
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. Who recorded it may correct it, and callers
/// with `cases:correct` correct everybody's (403). The rules are those of a new step. The former values stay in its history. The
/// steps of a placement and of a closing follow the corrections of these.
#[utoipa::path(
    patch,
    path = "/v1/case-steps/{id}",
    responses(
        (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
        (status = 409, description = "A placement or the closing of the case recorded it: correct that.")
    )
)]
pub(super) async fn update_case_step(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<StepPatch>,
) -> Result<Written<Current<Step>>, ApiError> {
    let (scope, corrector) = (can.scope.clone(), Corrector::of(&can));
    let apply =
        move |work: &mut Work<'_>, found| correct::correct(work, &scope, &corrector, &found, patch.0).map(Current);
    change.on(&context, can, id.0, correct::find, apply).await
}

/// Remove a step
///
/// For a step recorded by mistake. Who recorded it may remove it, and callers with `cases:correct` remove everybody's (403).
/// Its values stay in its history.
#[utoipa::path(
    delete,
    path = "/v1/case-steps/{id}",
    responses(
        (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
        (status = 409, description = "A placement or the closing of the case recorded it: correct that.")
    )
)]
pub(super) async fn delete_case_step(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<Reply<Removal>>, ApiError> {
    let (scope, corrector) = (can.scope.clone(), Corrector::of(&can));
    let remove =
        move |work: &mut Work<'_>, found| correct::remove(work, &scope, &corrector, &found, why.0.reason).map(Reply);
    change.on(&context, can, id.0, correct::find, remove).await
}

/// List the history of a step
///
/// Its corrections, oldest first: who, when, which values before and after; at the end its removal, with the reason. For who
/// recorded it, and for callers with `cases:correct`.
#[utoipa::path(
    get,
    path = "/v1/case-steps/{id}/history",
    responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
)]
pub(super) async fn list_case_step_history(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<CorrectionPage>, ApiError> {
    let (call, corrector) = (can.call(), Corrector::of(&can));
    let read = move |work: &mut Work<'_>, list: &List<NoFilter>| {
        correct::history(work, &can.scope, &corrector, id.0, &list.page)
    };
    list.read(&context, call, read).await
}
