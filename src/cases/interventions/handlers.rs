//! The operations of interventions.

use actix_web::web::Data;

use super::dto::act::{ActInput, ActsInput, ActsReport};
use super::dto::filter::{InterventionFilter, WorkFilter, WorkPage};
use super::dto::{Intervention, InterventionInput, InterventionPage, InterventionPatch};
use super::{correct, ops};
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases;
use crate::cases::corrections::dto::Removal;
use crate::cases::corrections::handlers::correctable;
use crate::cases::model::viewer::Viewer;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::bulk::{DryRun, Run};
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Created, Items, Once, Path, Query, Reply, Written};
use crate::work::Work;

/// Record an intervention
///
/// A dated piece of work, individual, collective or indirect, with its duration and its travel time. It may be earlier
/// than the opening of the case, so that the work of the intake is counted, but not earlier than the arrival of the
/// first referral (`before_request`). On school time, at school, with a teacher or about a school, only a bridge
/// (`school_bridge`, `deferred_school_start_help`) is in scope; otherwise the request fails with
/// `school_time_not_covered` or `school_staff_not_covered`. Contacting a partner about a child (`partner_contact`,
/// `partner_coordination_meeting`) requires that the family agreed by that day (`family_agreement_missing`).
/// The child takes part from the birth on (`before_birth`).
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
    let viewer = Viewer::of(&can);
    let record = move |work: &mut Work<'_>, case| ops::record(work, &viewer, &case, &body.0).map(Created);
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
    let viewer = Viewer::of(&can);
    list.read(&context, can.call(), move |work, list| ops::list(work, &viewer, id.0, list)).await
}

/// Record work about several cases, or about none
///
/// One piece of work about up to twenty cases of a service, or about none: networking, preparation, administration and others,
/// the types that the code list marks `no_case` (`about_no_case`, `case_required`). It is counted once. Each case gets an
/// intervention with its share of the minutes and of the participants, and its own note: `shares` lists them, and the response
/// is the first. The rules are those of `POST /v1/cases/{id}/interventions` for every case; a fault of one case points at it.
#[utoipa::path(
    post,
    path = "/v1/interventions",
    responses((status = 409, description = "A case was closed too long ago: see `case_id`."))
)]
pub(super) async fn record_work(
    can: Can<CasesWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<ActInput>,
) -> Result<Written<Created<Intervention>>, ApiError> {
    let viewer = Viewer::of(&can);
    once.run(&context, can.call(), move |work| ops::record_work(work, &viewer, &body.0).map(Created)).await
}

/// Record a week of work
///
/// Up to 200 pieces of work, each with its own result: a refused one does not stop the others, even if a field is missing or a
/// code unknown (400 in its place of the report). With `dry_run=true` the report is the same, and nothing is recorded. Only what
/// is wrong around the items rejects the whole call.
#[utoipa::path(post, path = "/v1/interventions/bulk")]
pub(super) async fn record_week(
    can: Can<CasesWrite>,
    context: Data<Context>,
    run: Query<DryRun>,
    once: Once,
    body: Items<ActsInput>,
) -> Result<Written<Reply<ActsReport>>, ApiError> {
    let (viewer, run) = (Viewer::of(&can), Run::new(&context.public_url, run.0));
    let record = move |work: &mut Work<'_>| ops::record_all(work, &viewer, &run, body.items).map(Reply);
    once.run(&context, can.call(), record).await
}

/// List work across cases
///
/// The interventions of the services that the caller can access, latest first. An act about several cases has a row for each, with
/// its share and one `act_id`; work about no case is one row. `totals` are sums over all that matches the filters: an act counts
/// once. A row has the names that a screen shows.
#[utoipa::path(get, path = "/v1/interventions")]
pub(super) async fn list_work(
    can: Can<CasesRead>,
    context: Data<Context>,
    list: List<WorkFilter>,
) -> Result<Listed<WorkPage>, ApiError> {
    let viewer = Viewer::of(&can);
    list.read(&context, can.call(), move |work, list| ops::list_work(work, &viewer, list)).await
}

correctable! {
    Intervention for viewer, found by correct::find;

    /// Get an intervention
    ///
    /// One piece of work of a case.
    #[utoipa::path(get, path = "/v1/interventions/{id}")]
    get_intervention = ops::get;

    /// Correct an intervention
    ///
    /// A merge patch (RFC 7396): an absent field keeps its value, null removes it. Who recorded it may correct it, and callers
    /// with `cases:correct` correct everybody's (403). The rules are those of a new intervention. The former values stay in its
    /// history. What is true of the whole act is corrected for all its cases; the note and the next action are those of this one. Live
    /// figures follow at once. Published statistics do not change: `counted_in` lists them.
    #[utoipa::path(
        patch,
        path = "/v1/interventions/{id}",
        responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
    )]
    update_intervention(InterventionPatch) = correct::correct;

    /// Remove an intervention
    ///
    /// For an intervention recorded by mistake: with it go the shares of the other cases of the act. Who recorded it may remove it, and callers with `cases:correct` remove everybody's
    /// (403). Live figures forget it at once; its values stay in its history. Published statistics do not change: `counted_in` lists
    /// them.
    #[utoipa::path(
        delete,
        path = "/v1/interventions/{id}",
        responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
    )]
    delete_intervention -> Removal = correct::remove;

    /// List the history of an intervention
    ///
    /// Its corrections, oldest first: who, when, which values before and after; at the end its removal, with the reason. For who
    /// recorded it, and for callers with `cases:correct`.
    #[utoipa::path(
        get,
        path = "/v1/interventions/{id}/history",
        responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
    )]
    list_intervention_history of super::store::InterventionRow;
}
