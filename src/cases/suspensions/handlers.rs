//! The operations of suspensions.

use actix_web::web::Data;

use super::dto::{CaseResume, CaseSuspend, CaseSuspension, CaseSuspensionPage, CaseSuspensionPatch};
use super::{correct, ops};
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases::corrections::handlers::correctable;
use crate::cases::dto::Case;
use crate::cases::ops::Viewer;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Body, Can, Conditional, Context, Current, Path, Written};
use crate::work::Work;

/// Suspend a case
///
/// The work pauses, for a reason. The case stays open and counts as such, and work on it can still be recorded. Its next
/// follow-up is set aside until the resumption, so it is neither in the agenda nor overdue; the planned resumption is in the
/// agenda.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/suspend",
    responses((status = 409, description = "The case is closed or suspended already, or another request has just changed it."))
)]
pub(super) async fn suspend_case(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<CaseSuspend>,
) -> Result<Written<Current<Case>>, ApiError> {
    let viewer = Viewer::of(&can);
    let act = move |work: &mut Work<'_>, found| ops::suspend(work, &viewer, &found, &body.0).map(Current);
    change.on(&context, can, id.0, ops::find_case, act).await
}

/// Resume a case
///
/// Ends the suspension, and gives back the next follow-up that was set aside, unless another one was planned meanwhile.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/resume",
    responses((status = 409, description = "The case is not suspended, or another request has just changed it."))
)]
pub(super) async fn resume_case(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<CaseResume>,
) -> Result<Written<Current<Case>>, ApiError> {
    let viewer = Viewer::of(&can);
    let act = move |work: &mut Work<'_>, found| ops::resume(work, &viewer, &found, &body.0).map(Current);
    change.on(&context, can, id.0, ops::find_case, act).await
}

/// List the suspensions of a case
///
/// The periods during which the case was suspended, latest first. One without `resumed_on` lasts.
#[utoipa::path(get, path = "/v1/cases/{id}/suspensions")]
pub(super) async fn list_case_suspensions(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<CaseSuspensionPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, &list.page)).await
}

correctable! {
    CaseSuspension for scope, found by correct::find;

    /// Get a suspension
    ///
    /// A period during which a case is or was suspended.
    #[utoipa::path(get, path = "/v1/case-suspensions/{id}")]
    get_case_suspension = ops::get;

    /// Correct a suspension
    ///
    /// A merge patch (RFC 7396): an absent field keeps its value, null removes it. Anybody moves the planned resumption; who
    /// recorded the suspension corrects the rest, and callers with `cases:correct` correct everybody's (403). The former values
    /// stay in its history.
    #[utoipa::path(
        patch,
        path = "/v1/case-suspensions/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "Another request has just changed it, or the data of the family were erased.")
        )
    )]
    update_case_suspension(CaseSuspensionPatch) = correct::correct;

    /// Remove a suspension
    ///
    /// For a suspension recorded by mistake. If it lasts, the case is no longer suspended and gets back its next follow-up. Who
    /// recorded it may remove it, and callers with `cases:correct` remove everybody's (403). Its values stay in its history.
    #[utoipa::path(
        delete,
        path = "/v1/case-suspensions/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "Another request has just changed it, or the data of the family were erased.")
        )
    )]
    delete_case_suspension -> () = correct::remove;

    /// List the history of a suspension
    ///
    /// Its corrections, oldest first: who, when, which values before and after; at the end its removal, with the reason. For who
    /// recorded it, and for callers with `cases:correct`.
    #[utoipa::path(
        get,
        path = "/v1/case-suspensions/{id}/history",
        responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
    )]
    list_case_suspension_history of super::store::SuspensionRow;
}
