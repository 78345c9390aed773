//! The operations of interventions.

use actix_web::web::Data;

use super::dto::{Intervention, InterventionFilter, InterventionInput, InterventionPage, InterventionPatch};
use super::{correct, ops};
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases;
use crate::cases::corrections::dto::{CorrectionPage, Removal};
use crate::cases::corrections::ops::Corrector;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Body, Conditional, Created, Current, Deletion, Once, Patch, Path, Query, Reply, Written};
use crate::work::Work;

/// Record an intervention
///
/// A dated piece of work, individual, collective or indirect, with its duration and its travel time. It may be earlier
/// than the opening of the case, so that the work of the intake is counted, but not earlier than the arrival of the
/// first referral (`before_request`). On school time, at school, with a teacher or about a school, only a bridge
/// (`school_bridge`, `deferred_school_start_help`) is in scope; otherwise the request fails with
/// `school_time_not_covered` or `school_staff_not_covered`. Contacting a partner about a child (`partner_contact`,
/// `partner_coordination_meeting`) requires that the family agreed by that day (`family_agreement_missing`).
/// `next_action_on` becomes the next follow-up of the case. A closed case takes work that was done before its closing for
/// `late_entry_days` of the service, 60 by default (`after_closing`).
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/interventions",
    responses((status = 409, description = "The case was closed too long ago."))
)]
pub(super) async fn create_intervention(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<InterventionInput>,
) -> Result<Written<Created<Intervention>>, ApiError> {
    let scope = can.scope.clone();
    let record = move |work: &mut Work<'_>, case| ops::record(work, &scope, &case, &body.0).map(Created);
    once.under_object(&context, can, id.0, cases::ops::find, record).await
}

/// List the interventions of a case
///
/// The work done for a child or a structure, most recent first, with the participants by kind.
#[utoipa::path(get, path = "/v1/cases/{id}/interventions")]
pub(super) async fn list_interventions(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<InterventionFilter>,
) -> Result<Listed<InterventionPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, list)).await
}

/// Get an intervention
///
/// One piece of work of a case.
#[utoipa::path(get, path = "/v1/interventions/{id}")]
pub(super) async fn get_intervention(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Intervention>, ApiError> {
    context.read(can.call(), move |work| correct::get(work, &can.scope, id.0)).await.map(Current)
}

/// Correct an intervention
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. Who recorded it may correct it, and callers
/// with `cases:correct` correct everybody's (403). The rules are those of a new intervention. The former values stay in its
/// history. Live figures follow at once. Published statistics do not change: `counted_in` lists them.
#[utoipa::path(
    patch,
    path = "/v1/interventions/{id}",
    responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
)]
pub(super) async fn update_intervention(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<InterventionPatch>,
) -> Result<Written<Current<Intervention>>, ApiError> {
    let (scope, corrector) = (can.scope.clone(), Corrector::of(&can));
    let apply =
        move |work: &mut Work<'_>, found| correct::correct(work, &scope, &corrector, &found, patch.0).map(Current);
    change.on(&context, can, id.0, correct::find, apply).await
}

/// Remove an intervention
///
/// For an intervention recorded by mistake. Who recorded it may remove it, and callers with `cases:correct` remove everybody's
/// (403). Live figures forget it at once; its values stay in its history. Published statistics do not change: `counted_in` lists
/// them.
#[utoipa::path(
    delete,
    path = "/v1/interventions/{id}",
    responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
)]
pub(super) async fn delete_intervention(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<Reply<Removal>>, ApiError> {
    let (scope, corrector) = (can.scope.clone(), Corrector::of(&can));
    let remove =
        move |work: &mut Work<'_>, found| correct::remove(work, &scope, &corrector, &found, why.0.reason).map(Reply);
    change.on(&context, can, id.0, correct::find, remove).await
}

/// List the history of an intervention
///
/// Its corrections, oldest first: who, when, which values before and after; at the end its removal, with the reason. For who
/// recorded it, and for callers with `cases:correct`.
#[utoipa::path(
    get,
    path = "/v1/interventions/{id}/history",
    responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
)]
pub(super) async fn list_intervention_history(
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
