//! The operations of cases.

use actix_web::web::Data;

use super::dto::{Case, CaseClosure, CaseFilter, CasePage, FollowUp};
use super::ops;
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::page::{List, Listed};
use crate::http::{Body, Conditional, Current, Path, Written};
use crate::work::Work;

/// List the cases
///
/// The latest opened first. `status=open` is the list of children and structures accompanied now;
/// `follow_up_before` with today's date lists the follow-ups that are due or overdue. A case is opened
/// by accepting a referral.
#[utoipa::path(get, path = "/v1/cases")]
pub(super) async fn list_cases(
    can: Can<CasesRead>,
    context: Data<Context>,
    list: List<CaseFilter>,
) -> Result<Listed<CasePage>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, &list.filter, &list.page)).await.map(Listed)
}

/// Get a case
///
/// Where it stands, its latest step, the referrals that led to it, and what can be done with it now.
#[utoipa::path(get, path = "/v1/cases/{id}")]
pub(super) async fn get_case(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Case>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Plan the next follow-up
///
/// The day the case is looked at next, or null. Recording an intervention with `next_action_on` plans
/// it too; closing the case clears it.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/follow-up",
    responses((status = 409, description = "The case is closed, or someone else has just changed it."))
)]
pub(super) async fn plan_follow_up(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<FollowUp>,
) -> Result<Written<Current<Case>>, ApiError> {
    let (scope, call) = (can.scope.clone(), can.call());
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    let act = move |work: &mut Work<'_>, case| ops::plan_follow_up(work, &scope, &case, &body.0).map(Current);
    change.run(&context, call, find, act).await
}

/// Close a case
///
/// Ends it with an outcome and records the step `closure`. The outcome `effective_placement` needs a
/// recorded placement (`placement_required`): being directed to a place is not having one. The last day
/// is not before any step, intervention or placement (`before_last_record`).
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/close",
    responses((status = 409, description = "The case is already closed, or someone else has just changed it."))
)]
pub(super) async fn close_case(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<CaseClosure>,
) -> Result<Written<Current<Case>>, ApiError> {
    let (scope, call) = (can.scope.clone(), can.call());
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    let act = move |work: &mut Work<'_>, case| ops::close(work, &scope, &case, &body.0).map(Current);
    change.run(&context, call, find, act).await
}

/// Reopen a case
///
/// For a case that was closed too early: it is open again from its first day, and counts in the active
/// file of the time between. A child who comes back later gets a new referral and a new case instead.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/reopen",
    responses((status = 409, description = "The case is open, or the child has another open case: `case_id`."))
)]
pub(super) async fn reopen_case(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<Case>>, ApiError> {
    let (scope, call) = (can.scope.clone(), can.call());
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    let act = move |work: &mut Work<'_>, case| ops::reopen(work, &scope, &case).map(Current);
    change.run(&context, call, find, act).await
}
