//! The operations of attendances.

use actix_web::web::Data;

use super::dto::{
    CreatedReferentAttendances, ReferentAttendance, ReferentAttendanceInput, ReferentAttendancePage,
    ReferentAttendancesInput,
};
use super::ops;
use crate::auth::grants::{ReferentsRead, ReferentsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::bulk::{DryRun, Run};
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Body, Conditional, Created, Deletion, Items, NoContent, Once, Path, Query, Reply, Written};
use crate::work::Work;

/// Record an attendance
///
/// A day of training, a follow-up meeting or a themed day that the referent attended, between the appointment and the last
/// day in the network, while a convention opens the network to the commune of the structure (`not_covered`). Each kind
/// counts once per day, and training is once per day (`second_training_on_the_day`). An extra day of training is accepted, unless it would move the
/// certification to an earlier date (422 `moves_certification`): the referent would then owe the obligations of past years.
#[utoipa::path(
    post,
    path = "/v1/referents/{id}/attendances",
    responses((status = 409, description = "This attendance is already recorded: see `existing_id`."))
)]
pub(super) async fn create_referent_attendance(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<ReferentAttendanceInput>,
) -> Result<Written<Created<ReferentAttendance>>, ApiError> {
    once.under_object(&context, can, id.0, ops::find_referent, move |work, row| {
        ops::create(work, &row, &body.0).map(Created)
    })
    .await
}

/// Record the attendances of a day
///
/// Up to 100 referents of a service, each with its own result: a rejected one does not stop the others. A fault in the day or
/// in the action rejects the whole request, and nothing is recorded. With `dry_run=true` the report is the same but for the
/// objects, and nothing is recorded.
#[utoipa::path(post, path = "/v1/services/{id}/referent-attendances")]
pub(super) async fn create_referent_attendances(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    run: Query<DryRun>,
    once: Once,
    body: Items<ReferentAttendancesInput>,
) -> Result<Written<Reply<CreatedReferentAttendances>>, ApiError> {
    let run = Run::new(&context.public_url, run.0);
    let create = move |work: &mut Work<'_>, service: Id| ops::create_day(work, &run, service, body).map(Reply);
    once.under_object(&context, can, id.0, ops::find_network, create).await
}

/// List the attendances of a referent
///
/// All attendances, most recent first, including those that meet no yearly obligation.
#[utoipa::path(get, path = "/v1/referents/{id}/attendances")]
pub(super) async fn list_referent_attendances(
    can: Can<ReferentsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<ReferentAttendancePage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, &list.page)).await
}

/// Delete an attendance
///
/// For an attendance recorded by mistake. The referent's standing is then computed without it.
#[utoipa::path(delete, path = "/v1/referent-attendances/{id}")]
pub(super) async fn delete_referent_attendance(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    _reason: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    change.on(&context, can, id.0, ops::find, |work, row| ops::delete(work, &row).map(|()| NoContent)).await
}
