//! The operations of reservations.

use actix_web::web::Data;

use super::act::{Command, act};
use super::dto::actions::{
    HandOut, LoanExtension, LoanReturn, ReservationCancellation, ReservationMove, ReservationRefusal,
};
use super::dto::assessment::ReservationAssessment;
use super::dto::filter::ReservationFilter;
use super::dto::new::{NewReservation, ReservationPatch};
use super::dto::{Reservation, ReservationPage};
use super::receipt;
use super::{book, ops};
use crate::auth::Permission;
use crate::auth::grants::{ReservationsRead, ReservationsRequest, ReservationsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::file::Html;
use crate::http::page::{List, Listed};
use crate::http::{Body, Conditional, Created, Current, Once, Patch, Path, Reply, Written};
use crate::work::Work;

/// Check a reservation before making it
///
/// What would become of the request if it were made now: what hinders it, what is good to know, the rules that apply with
/// their values, the copy and the days that it would have, or what is in the way and the next loans that are possible.
/// Nothing is recorded or kept.
#[utoipa::path(post, path = "/v1/reservations/check")]
pub(super) async fn check_reservation(
    can: Can<ReservationsRequest>,
    context: Data<Context>,
    body: Body<NewReservation>,
) -> Result<Reply<ReservationAssessment>, ApiError> {
    context.read(can.call(), move |work| book::check(work, &can.scope, &body.0)).await.map(Reply)
}

/// Ask for a kit
///
/// For a household of the service, an organisation of its directory, or a professional by name; no convention is needed. A
/// copy is kept from then on, picked unless named. When none is free, `if_taken` says what happens: nothing is recorded and
/// the 409 names what is in the way and the next loans that are possible; or the request enters the queue; or it is
/// recorded as declined for lack of a copy, for the figures.
#[utoipa::path(
    post,
    path = "/v1/reservations",
    responses((status = 409, description = "No copy is free: see `obstacles` and `next_free`."))
)]
pub(super) async fn create_reservation(
    can: Can<ReservationsRequest>,
    context: Data<Context>,
    once: Once,
    body: Body<NewReservation>,
) -> Result<Written<Created<Reservation>>, ApiError> {
    once.run(&context, can.call(), move |work| book::create(work, &can.scope, &body.0).map(Created)).await
}

/// List the reservations
///
/// The reservations and loans of the services that the token may see, the last to begin first. `from` and `to` keep what
/// takes a copy in that time: the calendar, with who borrows.
#[utoipa::path(get, path = "/v1/reservations")]
pub(super) async fn list_reservations(
    can: Can<ReservationsRead>,
    context: Data<Context>,
    list: List<ReservationFilter>,
) -> Result<Listed<ReservationPage>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, &list)).await.map(Listed)
}

/// Get a reservation
///
/// One reservation: the copy and the days, who borrows, whether it is overdue or endangered, what can be done with it now.
#[utoipa::path(get, path = "/v1/reservations/{id}")]
pub(super) async fn get_reservation(
    can: Can<ReservationsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Reservation>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Correct a reservation
///
/// A merge patch of the case, the note and how to reach a professional: what is absent stays, null removes. Days and copy
/// change with `move`; another borrower is another reservation.
#[utoipa::path(patch, path = "/v1/reservations/{id}")]
pub(super) async fn update_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ReservationPatch>,
) -> Result<Written<Current<Reservation>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Confirm a reservation
///
/// Agrees to what was requested, or accepts what the queue proposed, before the proposal expires.
#[utoipa::path(post, path = "/v1/reservations/{id}/confirm", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn confirm_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<Reservation>>, ApiError> {
    decide(can, &context, id.0, change, Command::Confirm).await
}

/// Decline a reservation
///
/// Refuses what was requested, with a reason. The copy goes to whoever waits.
#[utoipa::path(post, path = "/v1/reservations/{id}/decline", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn decline_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ReservationRefusal>,
) -> Result<Written<Current<Reservation>>, ApiError> {
    decide(can, &context, id.0, change, Command::Decline(body.0)).await
}

/// Cancel a reservation
///
/// It is not wanted any more. The copy goes to whoever waits.
#[utoipa::path(post, path = "/v1/reservations/{id}/cancel", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn cancel_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ReservationCancellation>,
) -> Result<Written<Current<Reservation>>, ApiError> {
    decide(can, &context, id.0, change, Command::Cancel(body.0)).await
}

/// Move a reservation
///
/// To another copy, to other days, or both; with neither, to another copy for the same days. What it had is given back.
#[utoipa::path(post, path = "/v1/reservations/{id}/move", responses((status = 409, description = "Out of turn (`state`), or no copy is free: see `obstacles` and `next_free`.")))]
pub(super) async fn move_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<ReservationMove>,
) -> Result<Written<Current<Reservation>>, ApiError> {
    decide(can, &context, id.0, change, Command::Move(body.0)).await
}

/// Hand a copy out
///
/// The borrower takes it. While an earlier loan of the copy is not back, this is a 409 that names it, whatever the plan says:
/// take it back first, or move the reservation.
#[utoipa::path(post, path = "/v1/reservations/{id}/hand-out", responses((status = 409, description = "Out of turn (`state`), the copy is not back (`loan_id`), or it is kept for another until then (`obstacles`).")))]
pub(super) async fn hand_out_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<HandOut>,
) -> Result<Written<Current<Reservation>>, ApiError> {
    decide(can, &context, id.0, change, Command::HandOut(body.0)).await
}

/// Extend a loan
///
/// The borrower keeps the copy longer, if nobody waits for the kit and the copy is not kept for another.
#[utoipa::path(post, path = "/v1/reservations/{id}/extend", responses((status = 409, description = "Out of turn (`state`), somebody waits (`waiting`), or the copy is kept for another (`obstacles`).")))]
pub(super) async fn extend_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<LoanExtension>,
) -> Result<Written<Current<Reservation>>, ApiError> {
    decide(can, &context, id.0, change, Command::Extend(body.0)).await
}

/// Take a copy back
///
/// With its contents counted item by item: parts that are missing or damaged become defects to be settled. Days that are
/// left are given back; whoever waits is proposed the copy.
#[utoipa::path(post, path = "/v1/reservations/{id}/return", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn return_reservation(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<LoanReturn>,
) -> Result<Written<Current<Reservation>>, ApiError> {
    decide(can, &context, id.0, change, Command::Return(body.0)).await
}

/// Record that nobody came for a copy
///
/// From the day on which it was to be handed out. The copy goes to whoever waits.
#[utoipa::path(post, path = "/v1/reservations/{id}/not-collected", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn mark_reservation_not_collected(
    can: Can<ReservationsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<Reservation>>, ApiError> {
    decide(can, &context, id.0, change, Command::NotCollected).await
}

async fn decide(
    can: Can<ReservationsWrite>,
    context: &Context,
    id: Id,
    change: Conditional,
    command: Command,
) -> Result<Written<Current<Reservation>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id);
    change.run(context, call, find, move |work, row| act(work, &row, command).map(Current)).await
}

/// Get the receipt of a reservation
///
/// A page to print and sign when the copy is handed out: what it should contain, what is missing already, when it is due.
/// With the names of the family's contacts for callers who hold `households:read`, and a line to write on for others.
#[utoipa::path(get, path = "/v1/reservations/{id}/receipt")]
pub(super) async fn get_reservation_receipt(
    can: Can<ReservationsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Html, ApiError> {
    let identities = can.principal.scope_of(Permission::HouseholdsRead);
    context.read(can.call(), move |work| receipt::receipt(work, &can.scope, &identities, id.0)).await.map(Html)
}
