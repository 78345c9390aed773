//! The operations of referrals.

use actix_web::web::Data;

use super::dto::decisions::{
    Acceptance, Annulment, Decision, Qualification, Redirection, Refusal, Reopening, WaitingListEntry, Withdrawal,
};
use super::dto::expansion::ReferralExpansionChoice;
use super::dto::filter::{ReferralFilter, WaitingListFilter};
use super::dto::new::{ReferralInput, ReferralsInput};
use super::dto::patch::ReferralPatch;
use super::dto::{
    FamilyAgreement, PossibleDuplicates, RecordedReferral, RecordedReferrals, Referral, ReferralEventPage,
    ReferralPage, WaitingListPage,
};
use super::model::ReferralAction;
use super::ops::{self, Viewer};
use super::{annul, correct, create, decide};
use crate::auth::grants::{ReferralsDecide, ReferralsRead, ReferralsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::bulk::{DryRun, Run, create_all, create_checked};
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Body, Conditional, Created, Current, Items, Once, Patch, Path, Query, Reply, Written};
use crate::work::Work;

/// Record a referral
///
/// A request for help, for a child or for a structure. It is recorded as it arrives: the eligibility rules apply later,
/// when it is accepted. A new child is recorded with its household. `possible_duplicates` lists the children that resemble
/// this one most, including twins and siblings: it blocks nothing, a person decides. `more_duplicates` says whether the
/// list of duplicates has more. Callers without `households:read` learn of none.
#[utoipa::path(post, path = "/v1/referrals", responses((status = 409, description = "A referral already has this `external_id`: see `existing_id`.")))]
pub(super) async fn create_referral(
    can: Can<ReferralsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<ReferralInput>,
) -> Result<Written<Created<RecordedReferral>>, ApiError> {
    let viewer = Viewer::of(&can);
    once.run(&context, can.call(), move |work| create::create(work, &viewer, body.0).map(Created)).await
}

/// Record several referrals
///
/// Up to 100 referrals, each with its own result: a rejected one (unknown code, duplicate `external_id`, broken rule) does not
/// stop the others. With `dry_run=true` the report is the same but for the objects, and nothing is recorded. Only what is wrong
/// around the items rejects the whole call.
#[utoipa::path(post, path = "/v1/referrals/bulk")]
pub(super) async fn create_referrals(
    can: Can<ReferralsWrite>,
    context: Data<Context>,
    run: Query<DryRun>,
    once: Once,
    body: Items<ReferralsInput>,
) -> Result<Written<Reply<RecordedReferrals>>, ApiError> {
    let (viewer, run) = (Viewer::of(&can), Run::new(&context.public_url, run.0));
    let record = move |work: &mut Work<'_>| {
        let each = |work: &mut Work<'_>, new| create_checked(work, new, |work, new| create::create(work, &viewer, new));
        create_all::<ReferralsInput, _>(work, &run, body.items, each).map(Reply)
    };
    once.run(&context, can.call(), record).await
}

/// List referrals
///
/// The referrals that the caller can access, newest first. All the given filters apply. Names are encrypted at rest, so
/// there is no filter or sort by name: look the child up, then filter by `child_id`.
#[utoipa::path(get, path = "/v1/referrals")]
pub(super) async fn list_referrals(
    can: Can<ReferralsRead>,
    context: Data<Context>,
    list: List<ReferralFilter>,
) -> Result<Listed<ReferralPage>, ApiError> {
    let viewer = Viewer::of(&can);
    list.read(&context, can.call(), move |work, list| ops::list(work, &viewer, &list.filter, &list.page)).await
}

/// Get a referral
///
/// One referral, with the actions that are allowed now and the eligibility rules that accepting it would break. `expand` adds
/// what a screen shows around it.
#[utoipa::path(get, path = "/v1/referrals/{id}")]
pub(super) async fn get_referral(
    can: Can<ReferralsRead>,
    context: Data<Context>,
    id: Path<Id>,
    choice: Query<ReferralExpansionChoice>,
) -> Result<Current<Referral>, ApiError> {
    let viewer = Viewer::of(&can);
    let get = move |work: &mut Work<'_>| ops::get_expanded(work, &viewer, id.0, choice.0.expand.as_deref());
    context.read(can.call(), get).await.map(Current)
}

/// Update a referral
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. Each update is an event of the history.
/// The subject and the decisions cannot be updated.
#[utoipa::path(patch, path = "/v1/referrals/{id}")]
pub(super) async fn update_referral(
    can: Can<ReferralsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ReferralPatch>,
) -> Result<Written<Current<Referral>>, ApiError> {
    let viewer = Viewer::of(&can);
    let apply = move |work: &mut Work<'_>, row| correct::correct(work, &viewer, &row, patch.0).map(Current);
    change.on(&context, can, id.0, ops::find, apply).await
}

/// List the history of a referral
///
/// The events of a referral, oldest first: author, date, reason, state before and state after. Events never change.
#[utoipa::path(get, path = "/v1/referrals/{id}/history")]
pub(super) async fn list_referral_history(
    can: Can<ReferralsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<ReferralEventPage>, ApiError> {
    let viewer = Viewer::of(&can);
    list.read(&context, can.call(), move |work, list| ops::history(work, &viewer, id.0, &list.page)).await
}

/// List the likely duplicates of a referral
///
/// The other referrals of the same child, then the children that resemble it with their referrals, most likely first. For a
/// referral about a child, the list is empty for callers without `households:read`.
#[utoipa::path(get, path = "/v1/referrals/{id}/duplicates")]
pub(super) async fn list_referral_duplicates(
    can: Can<ReferralsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Reply<PossibleDuplicates>, ApiError> {
    let viewer = Viewer::of(&can);
    context.read(can.call(), move |work| ops::duplicates(work, &viewer, id.0)).await.map(Reply)
}

/// Record an agreement of the family
///
/// What the family agreed to, who agreed and when. An agreement is needed before a partner is contacted and before the
/// history is passed to another service. It replaces an earlier agreement for the same purpose.
#[utoipa::path(post, path = "/v1/referrals/{id}/agreements", responses((status = 409, description = "Another request has just changed the referral.")))]
pub(super) async fn record_family_agreement(
    can: Can<ReferralsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<FamilyAgreement>,
) -> Result<Written<Current<Referral>>, ApiError> {
    let viewer = Viewer::of(&can);
    let record = move |work: &mut Work<'_>, row| decide::record_agreement(work, &viewer, &row, &body.0).map(Current);
    change.on(&context, can, id.0, ops::find, record).await
}

/// Qualify a referral
///
/// Confirms that enough is known to decide.
#[utoipa::path(post, path = "/v1/referrals/{id}/qualify", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn qualify_referral(
    can: Can<ReferralsDecide>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<Qualification>,
) -> Result<Written<Current<Referral>>, ApiError> {
    act(can, &context, id.0, change, body.0).await
}

/// Accept a referral
///
/// Opens a case, or joins the open case of the child. Breaking the age range, the territory or the school time rule
/// gives a 422 that names the rule, unless `overrides` gives a reason to override it.
#[utoipa::path(post, path = "/v1/referrals/{id}/accept", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn accept_referral(
    can: Can<ReferralsDecide>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<Acceptance>,
) -> Result<Written<Current<Referral>>, ApiError> {
    act(can, &context, id.0, change, body.0).await
}

/// Put a referral on the waiting list
///
/// Accepts it in principle, under the same rules as an acceptance. Waiting days count from `decided_on`.
#[utoipa::path(post, path = "/v1/referrals/{id}/waiting-list", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn put_referral_on_waiting_list(
    can: Can<ReferralsDecide>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<WaitingListEntry>,
) -> Result<Written<Current<Referral>>, ApiError> {
    act(can, &context, id.0, change, body.0).await
}

/// Decline a referral
///
/// Closes the referral with a reason: it gets the state `declined`. It can be reopened.
#[utoipa::path(post, path = "/v1/referrals/{id}/decline", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn decline_referral(
    can: Can<ReferralsDecide>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<Refusal>,
) -> Result<Written<Current<Referral>>, ApiError> {
    act(can, &context, id.0, change, body.0).await
}

/// Redirect a referral
///
/// Redirects it to a partner of the directory. For a child, the family's agreement to contact a partner must be
/// recorded first, or the rule overridden with a reason.
#[utoipa::path(post, path = "/v1/referrals/{id}/redirect", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn redirect_referral(
    can: Can<ReferralsDecide>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<Redirection>,
) -> Result<Written<Current<Referral>>, ApiError> {
    act(can, &context, id.0, change, body.0).await
}

/// Withdraw a referral
///
/// Records that the family or the referrer withdraws the request.
#[utoipa::path(post, path = "/v1/referrals/{id}/withdraw", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn withdraw_referral(
    can: Can<ReferralsDecide>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<Withdrawal>,
) -> Result<Written<Current<Referral>>, ApiError> {
    act(can, &context, id.0, change, body.0).await
}

/// Reopen a referral
///
/// Returns a declined, redirected or withdrawn referral to the state `received`. Its history is kept.
#[utoipa::path(post, path = "/v1/referrals/{id}/reopen", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn reopen_referral(
    can: Can<ReferralsDecide>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<Reopening>,
) -> Result<Written<Current<Referral>>, ApiError> {
    act(can, &context, id.0, change, body.0).await
}

/// Annul a referral
///
/// For a referral that was recorded or accepted by mistake, in any state. It gets the final state `annulled`, with its history:
/// it is in no live figure, no waiting list, no later release and no list unless it is asked for, and its `external_id` is free
/// again. The case that it opened is removed with it, if it has no intervention, placement, step or reservation: otherwise the 409
/// names them in `hangs_on`. A case with other referrals stays with these. Published statistics do not change: `counted_in` lists
/// them.
#[utoipa::path(post, path = "/v1/referrals/{id}/annul", responses((status = 409, description = "It is annulled already, or its case has records: see `hangs_on`.")))]
pub(super) async fn annul_referral(
    can: Can<ReferralsDecide>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<Annulment>,
) -> Result<Written<Current<Referral>>, ApiError> {
    let viewer = Viewer::of(&can);
    let act = move |work: &mut Work<'_>, row| annul::annul(work, &viewer, &row, body.0).map(Current);
    change.on(&context, can, id.0, ops::find_to_accept, act).await
}

async fn act(
    can: Can<ReferralsDecide>,
    context: &Context,
    id: Id,
    change: Conditional,
    decision: impl Into<Decision>,
) -> Result<Written<Current<Referral>>, ApiError> {
    let (viewer, decision) = (Viewer::of(&can), decision.into());
    let find = if decision.action == ReferralAction::Accept { ops::find_to_accept } else { ops::find };
    let act = move |work: &mut Work<'_>, row| decide::decide(work, &viewer, &row, decision).map(Current);
    change.on(context, can, id, find, act).await
}

/// Get the waiting list of a service
///
/// Most urgent first, then longest waiting first, with the number of days waited. `position` is the place in the whole list,
/// whatever the filters, and `ahead` explains it. `GET /v1/services/{id}/workload` tells how much the team has to do.
#[utoipa::path(get, path = "/v1/services/{id}/waiting-list")]
pub(super) async fn list_waiting_list(
    can: Can<ReferralsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<WaitingListFilter>,
) -> Result<Listed<WaitingListPage>, ApiError> {
    let viewer = Viewer::of(&can);
    list.read(&context, can.call(), move |work, list| ops::waiting_list(work, &viewer, id.0, &list.filter, &list.page))
        .await
}
