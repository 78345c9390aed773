//! The operations of complex situations and their discussions.

use actix_web::web::Data;

use super::dto::{
    CaseDiscussion, CaseDiscussionInput, CaseDiscussionPatch, ComplexSituation, ComplexSituationInput,
    ComplexSituationPage, ComplexSituationPatch,
};
use super::{correct, discussions, ops};
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases::corrections::dto::CorrectionPage;
use crate::cases::corrections::ops::Corrector;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{
    Body, Can, Conditional, Context, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Written,
};
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

/// Get a complex situation
///
/// One complex situation, with its discussions.
#[utoipa::path(get, path = "/v1/complex-situations/{id}")]
pub(super) async fn get_complex_situation(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<ComplexSituation>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

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
pub(super) async fn update_complex_situation(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ComplexSituationPatch>,
) -> Result<Written<Current<ComplexSituation>>, ApiError> {
    let (scope, corrector) = (can.scope.clone(), Corrector::of(&can));
    let apply =
        move |work: &mut Work<'_>, found| correct::correct(work, &scope, &corrector, &found, patch.0).map(Current);
    change.on(&context, can, id.0, correct::find, apply).await
}

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
pub(super) async fn delete_complex_situation(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let (scope, corrector) = (can.scope.clone(), Corrector::of(&can));
    let remove = move |work: &mut Work<'_>, found| {
        correct::remove(work, &scope, &corrector, &found, why.0.reason).map(|()| NoContent)
    };
    change.on(&context, can, id.0, correct::find, remove).await
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

/// Get a collegial discussion
///
/// A discussion of a complex situation, with its decision.
#[utoipa::path(get, path = "/v1/case-discussions/{id}")]
pub(super) async fn get_case_discussion(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<CaseDiscussion>, ApiError> {
    context.read(can.call(), move |work| discussions::get(work, &can.scope, id.0)).await.map(Current)
}

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
pub(super) async fn update_case_discussion(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<CaseDiscussionPatch>,
) -> Result<Written<Current<CaseDiscussion>>, ApiError> {
    let (scope, corrector) = (can.scope.clone(), Corrector::of(&can));
    let apply =
        move |work: &mut Work<'_>, found| discussions::correct(work, &scope, &corrector, &found, patch.0).map(Current);
    change.on(&context, can, id.0, discussions::find, apply).await
}

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
pub(super) async fn delete_case_discussion(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let (scope, corrector) = (can.scope.clone(), Corrector::of(&can));
    let remove = move |work: &mut Work<'_>, found| {
        discussions::remove(work, &scope, &corrector, &found, why.0.reason).map(|()| NoContent)
    };
    change.on(&context, can, id.0, discussions::find, remove).await
}

/// List the history of a complex situation
///
/// Its changes, oldest first: who, when, which values before and after; at the end its removal, with the reason. For who
/// recorded it, and for callers with `cases:correct`.
#[utoipa::path(
    get,
    path = "/v1/complex-situations/{id}/history",
    responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
)]
pub(super) async fn list_complex_situation_history(
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

/// List the history of a collegial discussion
///
/// Its changes, oldest first: who, when, which values before and after; at the end its removal, with the reason. For who
/// recorded it, and for callers with `cases:correct`.
#[utoipa::path(
    get,
    path = "/v1/case-discussions/{id}/history",
    responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
)]
pub(super) async fn list_case_discussion_history(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<CorrectionPage>, ApiError> {
    let (call, corrector) = (can.call(), Corrector::of(&can));
    let read = move |work: &mut Work<'_>, list: &List<NoFilter>| {
        discussions::history(work, &can.scope, &corrector, id.0, &list.page)
    };
    list.read(&context, call, read).await
}
