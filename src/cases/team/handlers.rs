//! The operations of teams.

use actix_web::web::Data;

use super::dto::{
    CaseMember, CaseMemberEnd, CaseMemberInput, CaseMemberPage, CaseMemberPatch, HandOver, HandOverReport,
};
use super::{correct, hand_over, ops};
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases::corrections::handlers::correctable;
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
/// refused one (closed, unknown, handed over later than this day) does not stop the others. Of two calls that hand one case
/// over at once, the second is refused for that case (`conflict`, with the `referent_id` of today). The former référent stays
/// in the team's history. If the new one was a member of the team, that part ends. Whoever accepts the referral that opens a case is its first référent. `warnings` says if the new
/// one is away on the first day: it prevents nothing. To re-date a change of hands or undo it, correct or remove the part of
/// the new référent (`/v1/case-members/{id}`).
#[utoipa::path(post, path = "/v1/cases/hand-over")]
pub(super) async fn hand_over_cases(
    can: Can<CasesWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<HandOver>,
) -> Result<Written<Reply<HandOverReport>>, ApiError> {
    let (scope, cases) = (can.scope.clone(), body.0.case_ids.clone());
    let seen = context.read(can.call(), move |work| hand_over::in_charge(work, &scope, &cases)).await?;
    let (scope, base) = (can.scope.clone(), context.public_url.clone());
    let act = move |work: &mut Work<'_>| hand_over::hand_over(work, &scope, &base, &body.0, &seen).map(Reply);
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
    responses((status = 409, description = "The case is closed, or the person is in its team already, or was on some of these days: see `existing_id`."))
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

correctable! {
    CaseMember for scope, found by correct::find;

    /// Get a member of the team of a case
    ///
    /// A person who accompanies a case or did, with the first and the last day.
    #[utoipa::path(get, path = "/v1/case-members/{id}")]
    get_case_member = ops::get;

    /// Correct a part in a team
    ///
    /// A merge patch (RFC 7396): an absent field keeps its value, null removes it. Re-dates a change of hands: who was the
    /// référent before and who came after follow, and so does the new one's part as a member. Who recorded it may correct it, and callers with `cases:correct` correct
    /// everybody's (403). The former days stay in its history.
    #[utoipa::path(
        patch,
        path = "/v1/case-members/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "The person is in the team already or was on some of these days (`existing_id`), another request has just changed it, or the data of the family were erased.")
        )
    )]
    update_case_member(CaseMemberPatch) = correct::correct;

    /// Remove a part in a team
    ///
    /// For one recorded by mistake; one that is over is ended instead. If it is the référent's, the change of hands is undone:
    /// who was in charge before is again; if they took the case over afterwards too, their two parts become one. A member whose
    /// part ended as they took the case over is one again. A closed case
    /// keeps its last référent (409). Who recorded it may remove it, and callers with `cases:correct` remove everybody's (403).
    /// Its values stay in its history.
    #[utoipa::path(
        delete,
        path = "/v1/case-members/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "It is the last référent of a closed case (`case_id`), another request has just changed it, or the data of the family were erased.")
        )
    )]
    delete_case_member -> () = correct::remove;

    /// List the history of a part in a team
    ///
    /// Its corrections, oldest first: who, when, which values before and after; at the end its removal, with the reason. For
    /// who recorded it, and for callers with `cases:correct`.
    #[utoipa::path(
        get,
        path = "/v1/case-members/{id}/history",
        responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
    )]
    list_case_member_history of super::store::MemberRow;
}
