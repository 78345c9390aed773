//! The operations of teams.

use actix_web::web::Data;

use super::dto::{CaseMember, CaseMemberEnd, CaseMemberInput, CaseMemberPage, HandOver, HandOverReport};
use super::ops;
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Body, Conditional, Created, Current, Once, Path, Reply, Written};
use crate::work::Work;

/// Hand cases over
///
/// Gives one or more open cases another référent de parcours, from a day on. Up to 500 cases, each with its own result: a
/// refused one (closed, unknown, handed over later than this day) does not stop the others. The former référent stays in
/// the team's history. Whoever accepts the referral that opens a case is its first référent.
#[utoipa::path(post, path = "/v1/cases/hand-over")]
pub(super) async fn hand_over_cases(
    can: Can<CasesWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<HandOver>,
) -> Result<Written<Reply<HandOverReport>>, ApiError> {
    let (scope, base) = (can.scope.clone(), context.public_url.clone());
    let act = move |work: &mut Work<'_>| ops::hand_over(work, &scope, &base, &body.0).map(Reply);
    once.run(&context, can.call(), act).await
}

/// List the team of a case
///
/// The référent de parcours and the other members of the team, now and before, most recent first day first. A member whose
/// `ends_on` is null accompanies the case now.
#[utoipa::path(get, path = "/v1/cases/{id}/team")]
pub(super) async fn list_case_team(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<CaseMemberPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, &list.page)).await
}

/// Add a person to the team of a case
///
/// A user with a role in the service of the case. The case appears in their list with `mine=true`. The référent is changed
/// with `POST /v1/cases/hand-over`.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/team",
    responses((status = 409, description = "The case is closed, or the person is already in its team: see `existing_id`."))
)]
pub(super) async fn add_case_member(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<CaseMemberInput>,
) -> Result<Written<Created<CaseMember>>, ApiError> {
    let scope = can.scope.clone();
    let add = move |work: &mut Work<'_>, case| ops::add(work, &scope, &case, &body.0).map(Created);
    once.under_object(&context, can, id.0, ops::find_case, add).await
}

/// Get a member of the team of a case
///
/// A person who accompanies a case or did, with the first and the last day.
#[utoipa::path(get, path = "/v1/case-members/{id}")]
pub(super) async fn get_case_member(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<CaseMember>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// End a person's part in a case
///
/// Sets the last day. A case whose référent ends this way has none until it is handed over: to replace a référent, hand
/// the case over instead.
#[utoipa::path(
    post,
    path = "/v1/case-members/{id}/end",
    responses((status = 409, description = "It has ended already, or another request has just changed it."))
)]
pub(super) async fn end_case_member(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<CaseMemberEnd>,
) -> Result<Written<Current<CaseMember>>, ApiError> {
    let scope = can.scope.clone();
    let end = move |work: &mut Work<'_>, member| ops::end(work, &scope, &member, &body.0).map(Current);
    change.on(&context, can, id.0, ops::find, end).await
}
