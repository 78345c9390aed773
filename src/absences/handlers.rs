//! The operations of absences.

use actix_web::web::Data;

use super::dto::{Absence, AbsenceFilter, AbsenceInput, AbsencePage, AbsencePatch};
use super::ops::{self, Declarer};
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{
    Body, Can, Conditional, Context, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Written,
};
use crate::work::Work;

/// Declare an absence
///
/// The days on which a professional of a service is away. Why is not recorded. A professional declares their own absences;
/// callers with `cases:correct` declare everybody's (403). The agenda shows them, and an appointment or a change of hands that
/// falls in one gets a warning. `GET /v1/cases?referent_absent=true` lists the cases whose référent is away today, and
/// `GET /v1/agenda?professional_id=…` what is planned for a person.
#[utoipa::path(
    post,
    path = "/v1/absences",
    responses((status = 409, description = "The person has an absence on some of these days already: see `existing_id`."))
)]
pub(super) async fn declare_absence(
    can: Can<CasesWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<AbsenceInput>,
) -> Result<Written<Created<Absence>>, ApiError> {
    let declarer = Declarer::of(&can);
    once.run(&context, can.call(), move |work| ops::create(work, &declarer, &body.0).map(Created)).await
}

/// List the absences
///
/// The absences of the professionals of the services that the caller can access, latest first day first by default. With
/// `from` and `to`: those with a day of the period.
#[utoipa::path(get, path = "/v1/absences")]
pub(super) async fn list_absences(
    can: Can<CasesRead>,
    context: Data<Context>,
    list: List<AbsenceFilter>,
) -> Result<Listed<AbsencePage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get an absence
///
/// Days on which a professional is away.
#[utoipa::path(get, path = "/v1/absences/{id}")]
pub(super) async fn get_absence(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Absence>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Correct an absence
///
/// A merge patch (RFC 7396): an absent field keeps its value. For the person who is away, and for callers with `cases:correct`.
#[utoipa::path(
    patch,
    path = "/v1/absences/{id}",
    responses(
        (status = 403, description = "It is somebody else's, and the caller does not hold `cases:correct`."),
        (status = 409, description = "The person has another absence on some of these days: see `existing_id`.")
    )
)]
pub(super) async fn update_absence(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<AbsencePatch>,
) -> Result<Written<Current<Absence>>, ApiError> {
    let declarer = Declarer::of(&can);
    let correct = move |work: &mut Work<'_>, row| ops::correct(work, &declarer, &row, &patch.0).map(Current);
    change.on(&context, can, id.0, ops::find, correct).await
}

/// Remove an absence
///
/// For one that was declared by mistake, or does not take place. For the person concerned, and for callers with
/// `cases:correct`.
#[utoipa::path(
    delete,
    path = "/v1/absences/{id}",
    responses((status = 403, description = "It is somebody else's, and the caller does not hold `cases:correct`."))
)]
pub(super) async fn delete_absence(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let declarer = Declarer::of(&can);
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &declarer, &row, why.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, delete).await
}
