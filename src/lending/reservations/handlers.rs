//! The operations of reservations.

use actix_web::web::Data;

use super::act::{Command, act};
use super::dto::actions::{
    HandOut, LoanExtension, LoanReturn, ReservationCancellation, ReservationMove, ReservationRefusal,
};
use super::dto::assessment::ReservationAssessment;
use super::dto::filter::ReservationFilter;
use super::dto::new::{ReservationInput, ReservationPatch};
use super::dto::{Reservation, ReservationPage};
use super::receipt;
use super::{book, ops};
use crate::auth::Permission;
use crate::auth::grants::{ReservationsRead, ReservationsRequest, ReservationsWrite};
use crate::db::{Id, Lock};
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::file::Html;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Conditional, Created, Current, Once, Patch, Path, Reply, Written};
use crate::work::Work;

/// Check a reservation before making it
///
/// Assesses a request without recording anything. Returns what blocks the request, warnings, the rules that apply with
/// their values, and the copy and the days that the reservation would get. If no copy is free, returns the obstacles
/// and the next possible loans instead. The copy is not held.
#[utoipa::path(post, path = "/v1/reservations/check")]
pub(super) async fn check_reservation(
    can: Can<ReservationsRequest>,
    context: Data<Context>,
    body: Body<ReservationInput>,
) -> Result<Reply<ReservationAssessment>, ApiError> {
    context.read(can.call(), move |work| book::check(work, &can.scope, &body.0)).await.map(Reply)
}

/// Reserve a kit
///
/// Reserves a kit for a household of the service, an organisation of its directory, or a named professional. No
/// convention is required. A copy is held for the reservation; the API chooses it if the request does not. If no copy
/// is free, `if_taken` decides: `refuse` records nothing and returns a 409 with the obstacles and the next possible
/// loans; `wait` adds the reservation to the queue; `decline` records it as declined because no copy was free, for the
/// figures.
#[utoipa::path(
    post,
    path = "/v1/reservations",
    responses((status = 409, description = "No copy is free: see `obstacles` and `next_free`."))
)]
pub(super) async fn create_reservation(
    can: Can<ReservationsRequest>,
    context: Data<Context>,
    once: Once,
    body: Body<ReservationInput>,
) -> Result<Written<Created<Reservation>>, ApiError> {
    let kit = body.0.kit_id;
    let lock = move |work: &mut Work<'_>| {
        work.lock_first(Lock::Kit, kit);
        Ok(())
    };
    once.under(&context, can.call(), lock, move |work, ()| book::create(work, &can.scope, &body.0).map(Created)).await
}

/// List the reservations
///
/// Returns the reservations and loans of the services that the caller can access, latest start first. With `from` and
/// `to`, returns those that take a copy in that period: a calendar with the borrowers.
#[utoipa::path(get, path = "/v1/reservations")]
pub(super) async fn list_reservations(
    can: Can<ReservationsRead>,
    context: Data<Context>,
    list: List<ReservationFilter>,
) -> Result<Listed<ReservationPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get a reservation
///
/// Returns a reservation: its copy and days, its borrower, whether it is overdue or endangered, and the actions allowed
/// now.
#[utoipa::path(get, path = "/v1/reservations/{id}")]
pub(super) async fn get_reservation(
    can: Can<ReservationsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Reservation>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Update a reservation
///
/// Updates the case, the note and the contact details of a professional. A merge patch (RFC 7396): an absent field
/// keeps its value, null removes it. To change the days or the copy, use `move`. To change the borrower, make another
/// reservation.
#[utoipa::path(patch, path = "/v1/reservations/{id}")]
pub(super) async fn update_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ReservationPatch>,
) -> Result<Written<Current<Reservation>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Confirm a reservation
///
/// Confirms a request, or accepts a proposal of the queue before it expires.
#[utoipa::path(post, path = "/v1/reservations/{id}/confirm", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn confirm_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<Reservation>>, ApiError> {
    perform(can, &context, id.0, change, Command::Confirm).await
}

/// Decline a reservation
///
/// Declines a request with a reason. The copy is proposed to the queue.
#[utoipa::path(post, path = "/v1/reservations/{id}/decline", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn decline_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ReservationRefusal>,
) -> Result<Written<Current<Reservation>>, ApiError> {
    perform(can, &context, id.0, change, Command::Decline(body.0)).await
}

/// Cancel a reservation
///
/// Records that the borrower no longer wants the kit. The copy is proposed to the queue.
#[utoipa::path(post, path = "/v1/reservations/{id}/cancel", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn cancel_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ReservationCancellation>,
) -> Result<Written<Current<Reservation>>, ApiError> {
    perform(can, &context, id.0, change, Command::Cancel(body.0)).await
}

/// Move a reservation
///
/// Assigns another copy, other days, or both. With neither, assigns another copy for the same days. The previous copy
/// and days are released.
#[utoipa::path(post, path = "/v1/reservations/{id}/move", responses((status = 409, description = "Not allowed in this state (see `state`), or no copy is free: see `obstacles` and `next_free`.")))]
pub(super) async fn move_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ReservationMove>,
) -> Result<Written<Current<Reservation>>, ApiError> {
    perform(can, &context, id.0, change, Command::Move(body.0)).await
}

/// Hand a copy out
///
/// Records that the borrower takes the copy. Fails with 409 while an earlier loan of the copy is not back, even if the
/// plan is free: take the copy back first, or move the reservation.
#[utoipa::path(post, path = "/v1/reservations/{id}/hand-out", responses((status = 409, description = "Not allowed in this state (see `state`), the copy is not back (`loan_id`), or it is reserved until then (`obstacles`).")))]
pub(super) async fn hand_out_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<HandOut>,
) -> Result<Written<Current<Reservation>>, ApiError> {
    perform(can, &context, id.0, change, Command::HandOut(body.0)).await
}

/// Extend a loan
///
/// Extends a loan. Fails with 409 if the queue of the kit is not empty, or if the copy is reserved on these days.
#[utoipa::path(post, path = "/v1/reservations/{id}/extend", responses((status = 409, description = "Not allowed in this state (see `state`), the queue is not empty (`waiting`), or the copy is reserved (`obstacles`).")))]
pub(super) async fn extend_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<LoanExtension>,
) -> Result<Written<Current<Reservation>>, ApiError> {
    perform(can, &context, id.0, change, Command::Extend(body.0)).await
}

/// Take a copy back
///
/// Records the return of the copy, with a count of its contents item by item. Missing or damaged parts become defects. The
/// remaining days are released, and the copy is proposed to the queue.
#[utoipa::path(post, path = "/v1/reservations/{id}/return", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn return_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<LoanReturn>,
) -> Result<Written<Current<Reservation>>, ApiError> {
    perform(can, &context, id.0, change, Command::Return(body.0)).await
}

/// Record that a copy was not collected
///
/// Allowed from the day of the hand-out on. The copy is proposed to the queue.
#[utoipa::path(post, path = "/v1/reservations/{id}/not-collected", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn mark_reservation_not_collected(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<Reservation>>, ApiError> {
    perform(can, &context, id.0, change, Command::NotCollected).await
}

async fn perform(
    can: Can<ReservationsWrite>,
    context: &Context,
    id: Id,
    change: Conditional,
    command: Command,
) -> Result<Written<Current<Reservation>>, ApiError> {
    change.on(context, can, id, ops::find_to_act, move |work, row| act(work, &row, command).map(Current)).await
}

/// Get the receipt of a reservation
///
/// Returns a page to print and sign at the hand-out: what the copy should contain, what is already missing, when it is
/// due. It names the family's contacts if the caller has `households:read`; otherwise it has a blank line for the name.
#[utoipa::path(get, path = "/v1/reservations/{id}/receipt")]
pub(super) async fn get_reservation_receipt(
    can: Can<ReservationsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Html, ApiError> {
    let identities = can.principal.scope_of(Permission::HouseholdsRead);
    context.read(can.call(), move |work| receipt::receipt(work, &can.scope, &identities, id.0)).await.map(Html)
}
