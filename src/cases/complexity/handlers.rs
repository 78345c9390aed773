//! The operations of complex situations and their discussions.

use actix_web::web::Data;

use super::dto::{
    CaseDiscussion, CaseDiscussionInput, CaseDiscussionPatch, ComplexSituation, ComplexSituationInput,
    ComplexSituationPage, ComplexSituationPatch,
};
use super::{correct, discussions, ops};
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases::corrections::handlers::correctable;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Body, Can, Context, Created, Once, Path, Written};
use crate::work::Work;

/// Flag a complex situation
///
/// The situation of an open case is complex, for one or more grounds: several institutions, child protection, no solution. A
/// case has one complex situation at a time.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/complex-situations",
    responses((status = 409, description = "The case is closed, or it has a complex situation already: see `existing_id`."))
)]
pub(super) async fn flag_complex_situation(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<ComplexSituationInput>,
) -> Result<Written<Created<ComplexSituation>>, ApiError> {
    let scope = can.scope.clone();
    let flag = move |work: &mut Work<'_>, found| ops::create(work, &scope, &found, body.0).map(Created);
    once.under_object(&context, can, id.0, ops::find_case, flag).await
}

/// List the complex situations of a case
///
/// The complex situations of a case, latest first, each with its discussions. One without `ended_on` lasts.
#[utoipa::path(get, path = "/v1/cases/{id}/complex-situations")]
pub(super) async fn list_complex_situations(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<ComplexSituationPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, &list.page)).await
}

/// Record a collegial discussion
///
/// The day of a discussion of a complex situation, and what was decided. A situation has one discussion a day.
#[utoipa::path(
    post,
    path = "/v1/complex-situations/{id}/discussions",
    responses((status = 409, description = "The situation was discussed that day already: see `existing_id`."))
)]
pub(super) async fn create_case_discussion(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<CaseDiscussionInput>,
) -> Result<Written<Created<CaseDiscussion>>, ApiError> {
    let scope = can.scope.clone();
    let record = move |work: &mut Work<'_>, found| discussions::create(work, &scope, &found, &body.0).map(Created);
    once.under_object(&context, can, id.0, correct::find, record).await
}

correctable! {
    ComplexSituation for scope, found by correct::find;

    /// Get a complex situation
    ///
    /// One complex situation, with its discussions.
    #[utoipa::path(get, path = "/v1/complex-situations/{id}")]
    get_complex_situation = ops::get;

    /// Update a complex situation
    ///
    /// A merge patch (RFC 7396): an absent field keeps its value, null removes it. `ended_on` says since when the situation is no
    /// longer complex. Anybody ends it or adds a ground; who flagged it corrects the rest, and callers with `cases:correct` correct
    /// everybody's (403). It can be changed after the closing of the case. The former values stay in its history.
    #[utoipa::path(
        patch,
        path = "/v1/complex-situations/{id}",
        responses(
            (status = 403, description = "Somebody else flagged it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "The case has another current situation, another request has just changed this one, or the data of the family were erased.")
        )
    )]
    update_complex_situation(ComplexSituationPatch) = correct::correct;

    /// Remove a complex situation
    ///
    /// For one that was flagged by mistake. One that was discussed is ended instead. Who flagged it may remove it, and callers with
    /// `cases:correct` remove everybody's (403). Its values stay in its history.
    #[utoipa::path(
        delete,
        path = "/v1/complex-situations/{id}",
        responses(
            (status = 403, description = "Somebody else flagged it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "It has discussions, another request has just changed it, or the data of the family were erased.")
        )
    )]
    delete_complex_situation -> () = correct::remove;

    /// List the history of a complex situation
    ///
    /// Its changes, oldest first: who, when, which values before and after; at the end its removal, with the reason. For who
    /// recorded it, and for callers with `cases:correct`.
    #[utoipa::path(
        get,
        path = "/v1/complex-situations/{id}/history",
        responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
    )]
    list_complex_situation_history of super::store::SituationRow;
}

correctable! {
    CaseDiscussion for scope, found by discussions::find;

    /// Get a collegial discussion
    ///
    /// A discussion of a complex situation, with its decision.
    #[utoipa::path(get, path = "/v1/case-discussions/{id}")]
    get_case_discussion = discussions::get;

    /// Correct a collegial discussion
    ///
    /// A merge patch (RFC 7396): an absent field keeps its value. Who recorded it corrects it, and callers with `cases:correct`
    /// correct everybody's (403). The former values stay in its history.
    #[utoipa::path(
        patch,
        path = "/v1/case-discussions/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "The situation has another discussion on this day: see `existing_id`.")
        )
    )]
    update_case_discussion(CaseDiscussionPatch) = discussions::correct;

    /// Remove a collegial discussion
    ///
    /// For a discussion recorded by mistake. Who recorded it may remove it, and callers with `cases:correct` remove everybody's
    /// (403). Its values stay in its history.
    #[utoipa::path(
        delete,
        path = "/v1/case-discussions/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "Another request has just changed it, or the data of the family were erased.")
        )
    )]
    delete_case_discussion -> () = discussions::remove;

    /// List the history of a collegial discussion
    ///
    /// Its changes, oldest first: who, when, which values before and after; at the end its removal, with the reason. For who
    /// recorded it, and for callers with `cases:correct`.
    #[utoipa::path(
        get,
        path = "/v1/case-discussions/{id}/history",
        responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
    )]
    list_case_discussion_history of super::store::DiscussionRow;
}
