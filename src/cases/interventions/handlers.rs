//! The operations of interventions.

use actix_web::web::Data;

use super::dto::{Intervention, InterventionInput, InterventionPage};
use super::ops;
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Body, Created, Once, Path, Written};
use crate::work::Work;

/// Record an intervention
///
/// A dated piece of work, individual, collective or indirect, with its duration and its travel time. It may be earlier
/// than the opening of the case, so that the work of the intake is counted, but not earlier than the arrival of the
/// first referral (`before_request`). On school time, at school, with a teacher or about a school, only a bridge
/// (`school_bridge`, `deferred_school_start_help`) is in scope; otherwise the request fails with
/// `school_time_not_covered` or `school_staff_not_covered`. Contacting a partner about a child (`partner_contact`,
/// `partner_coordination_meeting`) requires that the family agreed by that day (`family_agreement_missing`).
/// `next_action_on` becomes the next follow-up of the case.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/interventions",
    responses((status = 409, description = "The case is closed."))
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
    list: List<NoFilter>,
) -> Result<Listed<InterventionPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, &list.page)).await
}
