//! The operations of procedures.

use actix_web::web::Data;

use super::dto::{Procedure, ProcedureFilter, ProcedureInput, ProcedurePage, ProcedurePatch};
use super::{correct, ops};
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases::corrections::handlers::correctable;
use crate::cases::ops::Viewer;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Can, Context, Created, Once, Path, Written};
use crate::work::Work;

/// Record a procedure
///
/// What others decide for the child of an open case: a file at the MDPH, an AEEH, a PAI, a deferred school start, a place in a
/// medico-social service. The days that are known are given, in order; every fault is reported at once. None is before the birth
/// of the child (`before_birth`).
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/procedures",
    responses((status = 409, description = "The case is closed."))
)]
pub(super) async fn create_procedure(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<ProcedureInput>,
) -> Result<Written<Created<Procedure>>, ApiError> {
    let viewer = Viewer::of(&can);
    let record = move |work: &mut Work<'_>, found| ops::create(work, &viewer, &found, body.0).map(Created);
    once.under_object(&context, can, id.0, ops::find_case, record).await
}

/// List the procedures of a case
///
/// The procedures about the child of a case, earliest next date first.
#[utoipa::path(get, path = "/v1/cases/{id}/procedures")]
pub(super) async fn list_case_procedures(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<ProcedureFilter>,
) -> Result<Listed<ProcedurePage>, ApiError> {
    let viewer = Viewer::of(&can);
    list.read(&context, can.call(), move |work, list| ops::of_case(work, &viewer, id.0, list)).await
}

/// List procedures
///
/// The procedures of all cases that the caller can access, earliest next date first. `expires_before` finds what is about to
/// expire, `next_before` what is to be done. A row has the names that a screen shows.
#[utoipa::path(get, path = "/v1/procedures")]
pub(super) async fn list_procedures(
    can: Can<CasesRead>,
    context: Data<Context>,
    list: List<ProcedureFilter>,
) -> Result<Listed<ProcedurePage>, ApiError> {
    let viewer = Viewer::of(&can);
    list.read(&context, can.call(), move |work, list| ops::list(work, &viewer, list)).await
}

correctable! {
    Procedure for viewer, found by correct::find;

    /// Get a procedure
    ///
    /// One procedure, with its state today.
    #[utoipa::path(get, path = "/v1/procedures/{id}")]
    get_procedure = ops::get;

    /// Update a procedure
    ///
    /// A merge patch (RFC 7396): an absent field keeps its value, null removes it. Any professional records what happened next, and
    /// corrects what they recorded themselves; callers with `cases:correct` correct everybody's (403). A value that is there
    /// already is corrected; one that is not there is added. The rules are those of a new procedure. It can be changed after the
    /// closing of the case. The former values stay in its history.
    #[utoipa::path(
        patch,
        path = "/v1/procedures/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller, who does not hold `cases:correct`, corrects one of its values."),
            (status = 409, description = "Another request has just changed it, or the data of the family were erased.")
        )
    )]
    update_procedure(ProcedurePatch) = correct::correct;

    /// Remove a procedure
    ///
    /// For a procedure recorded by mistake; one that the family gave up gets the outcome `withdrawn`. Who recorded it may remove it,
    /// and callers with `cases:correct` remove everybody's (403). Its values stay in its history.
    #[utoipa::path(
        delete,
        path = "/v1/procedures/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "Another request has just changed it, or the data of the family were erased.")
        )
    )]
    delete_procedure -> () = correct::remove;

    /// List the history of a procedure
    ///
    /// Its changes, oldest first: who, when, which values before and after; at the end its removal, with the reason. For who
    /// recorded it, and for callers with `cases:correct`.
    #[utoipa::path(
        get,
        path = "/v1/procedures/{id}/history",
        responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
    )]
    list_procedure_history of super::store::ProcedureRow;
}
