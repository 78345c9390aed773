//! The operations of steps.

use actix_web::web::Data;

use super::dto::{CaseStepFilter, CaseStepPage, Step, StepInput, StepPatch};
use super::{correct, ops};
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases::common::find_case;
use crate::cases::corrections::dto::Removal;
use crate::cases::corrections::handlers::correctable;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Created, Once, Path, Written};
use crate::naming::ops::named;
use crate::work::Work;

/// Record a step
///
/// A dated milestone of a case. Steps may be skipped or revisited. A placement records `effective_placement` and a closure
/// records `closure`: neither is accepted here (`recorded_by_placement`, `recorded_by_closing`). A closed case takes steps
/// that were reached before its closing for `late_entry_days` of the service, 60 by default (`after_closing`). A step in which the
/// child takes part (`accompanied_first_visit`, `integration_follow_up`) is not before the birth (`before_birth`).
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
    once.under_object(&context, can, id.0, find_case, record).await
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

correctable! {
    Step for scope, found by correct::find, named by named;

    /// Get a step
    ///
    /// One dated milestone of a case.
    #[utoipa::path(get, path = "/v1/case-steps/{id}")]
    get_case_step = correct::get;

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
    update_case_step(StepPatch) = correct::correct;

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
    delete_case_step -> Removal = correct::remove;

    /// List the history of a step
    ///
    /// Its corrections, oldest first: who, when, which values before and after; at the end its removal, with the reason. For who
    /// recorded it, and for callers with `cases:correct`.
    #[utoipa::path(
        get,
        path = "/v1/case-steps/{id}/history",
        responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
    )]
    list_case_step_history of super::store::StepRow;
}
