//! The operations of cases.

use actix_web::web::Data;

use super::correct;
use super::dto::expansion::CaseExpansionChoice;
use super::dto::filter::CaseFilter;
use super::dto::{Case, CaseClosure, CasePage, CasePatch, CasePrioritySetting, FollowUp};
use super::ending;
use super::ops::{self, Viewer};
use crate::auth::grants::{CasesCorrect, CasesRead, CasesWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::households::absorbed::ops::pointing_on;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Conditional, Current, Patch, Path, Query, Written};
use crate::work::Work;

/// List cases
///
/// The cases that the caller can access, most recently opened first. `status=open` lists the children and structures
/// that are accompanied now, `mine=true` those that the caller accompanies. `overdue`, `nothing_planned` and
/// `no_intervention_since` find the cases that wait for somebody. A row has the names that a screen shows, and `expand` adds
/// what stands around it. Accepting a referral opens a case.
#[utoipa::path(get, path = "/v1/cases")]
pub(super) async fn list_cases(
    can: Can<CasesRead>,
    context: Data<Context>,
    list: List<CaseFilter>,
) -> Result<Listed<CasePage>, ApiError> {
    let viewer = Viewer::of(&can);
    list.read(&context, can.call(), move |work, list| ops::list(work, &viewer, &list.filter, &list.page)).await
}

/// Get a case
///
/// One case, with its state, its latest step, the referrals that led to it and the actions allowed now. Of a case that went
/// into another when two children were merged, the 404 names that case in `merged_into`; so do those of the paths below it.
/// `expand` adds what a screen shows around it.
#[utoipa::path(get, path = "/v1/cases/{id}")]
pub(super) async fn get_case(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    choice: Query<CaseExpansionChoice>,
) -> Result<Current<Case>, ApiError> {
    let viewer = Viewer::of(&can);
    let get = move |work: &mut Work<'_>| {
        let found = ops::get_expanded(work, &viewer, id.0, choice.0.expand.as_deref());
        pointing_on(work, &viewer.scope, id.0, found)
    };
    context.read(can.call(), get).await.map(Current)
}

/// Correct a case
///
/// A merge patch (RFC 7396) of its dates, its outcome and its commune, for callers with `cases:correct`. The dates keep to the
/// rules of an opening and of a closure: every fault is reported at once. The step `closure` follows. The former values stay in
/// the history. Published statistics do not change: `counted_in` lists them.
#[utoipa::path(patch, path = "/v1/cases/{id}")]
pub(super) async fn update_case(
    can: Can<CasesCorrect>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<CasePatch>,
) -> Result<Written<Current<Case>>, ApiError> {
    let viewer = Viewer::of(&can);
    let apply = move |work: &mut Work<'_>, found| correct::correct(work, &viewer, &found, patch.0).map(Current);
    change.on(&context, can, id.0, correct::find, apply).await
}

/// Plan the next follow-up
///
/// Sets or clears the day of the next follow-up. Recording an intervention with `next_action_on` sets it too. Closing
/// the case clears it.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/follow-up",
    responses((status = 409, description = "The case is closed, or another request has just changed it."))
)]
pub(super) async fn plan_follow_up(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<FollowUp>,
) -> Result<Written<Current<Case>>, ApiError> {
    let viewer = Viewer::of(&can);
    let act = move |work: &mut Work<'_>, case| ops::plan_follow_up(work, &viewer, &case, &body.0).map(Current);
    change.on(&context, can, id.0, ops::find, act).await
}

/// Set the priority of a case
///
/// How the team ranks the case among the open ones: the list of cases can be filtered and sorted by it.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/priority",
    responses((status = 409, description = "The case is closed, or another request has just changed it."))
)]
pub(super) async fn set_case_priority(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<CasePrioritySetting>,
) -> Result<Written<Current<Case>>, ApiError> {
    let viewer = Viewer::of(&can);
    let act = move |work: &mut Work<'_>, case| ops::set_priority(work, &viewer, &case, &body.0).map(Current);
    change.on(&context, can, id.0, ops::find, act).await
}

/// Close a case
///
/// Closes the case with an outcome and records the step `closure`. The outcome `effective_placement` requires a placement that
/// started during the case and is current on that day (`placement_required`): neither a planned place nor one that the child
/// already had. A planned place is confirmed or cancelled first (`placement_planned`). The day of the closure cannot be earlier
/// than any step, intervention, recommendation, placement, goal, review of a goal, suspension, flag of a complex situation or change
/// in the team (`before_last_record`). A note has no day of its own. A closed case takes work, steps, recommendations and notes of
/// before its closing for `late_entry_days` of the service.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/close",
    responses((status = 409, description = "The case is already closed, or another request has just changed it."))
)]
pub(super) async fn close_case(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<CaseClosure>,
) -> Result<Written<Current<Case>>, ApiError> {
    let viewer = Viewer::of(&can);
    let act = move |work: &mut Work<'_>, case| ending::close(work, &viewer, &case, &body.0).map(Current);
    change.on(&context, can, id.0, ops::find, act).await
}

/// Reopen a case
///
/// For a case that was closed too early: it counts in the active file again, including for the time during which it was
/// closed. The step `closure` of the closing that is undone is removed; the history of the case keeps its day, author and
/// outcome. A child who comes back later gets a new referral and a new case instead. To correct the day or the outcome of a
/// closing, correct the case instead.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/reopen",
    responses((status = 409, description = "The case is open, or the child has another open case (see `case_id`)."))
)]
pub(super) async fn reopen_case(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<Case>>, ApiError> {
    let viewer = Viewer::of(&can);
    let act = move |work: &mut Work<'_>, case| ending::reopen(work, &viewer, &case).map(Current);
    change.on(&context, can, id.0, ops::find_to_reopen, act).await
}
