//! The operations of instalments and payments.

use actix_web::web::Data;

use super::dto::{
    Instalment, InstalmentCall, InstalmentFilter, InstalmentPage, InstalmentWaiver, NewPayment, Payment, PaymentPage,
    UnpaidFilter,
};
use super::ops;
use crate::auth::grants::{ConventionsRead, ConventionsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::page::{List, Listed, NoFilter};
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Path, Query, Written};
use crate::work::Work;

/// List the instalments
///
/// The instalments of the services that the token may see, the first due first.
#[utoipa::path(get, path = "/v1/instalments")]
pub(super) async fn list_instalments(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    list: List<InstalmentFilter>,
) -> Result<Listed<InstalmentPage>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, &list)).await.map(Listed)
}

/// List the instalments that are unpaid
///
/// Instalments of a service that were due before today and are not settled, called for or not, the first due first: whom to
/// write to.
#[utoipa::path(get, path = "/v1/services/{id}/unpaid-instalments")]
pub(super) async fn list_unpaid_instalments(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<UnpaidFilter>,
) -> Result<Listed<InstalmentPage>, ApiError> {
    context.read(can.call(), move |work| ops::unpaid(work, &can.scope, id.0, &list)).await.map(Listed)
}

/// Get an instalment
///
/// One instalment: what is due, received, given up, and what can be done with it now.
#[utoipa::path(get, path = "/v1/instalments/{id}")]
pub(super) async fn get_instalment(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Instalment>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Call for an instalment
///
/// Records that the collectivity was asked to pay, once the contribution is frozen.
#[utoipa::path(post, path = "/v1/instalments/{id}/call", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn call_instalment(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<InstalmentCall>,
) -> Result<Written<Current<Instalment>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::call(work, &row, &body.0).map(Current)).await
}

/// Waive an instalment
///
/// Gives up what remains of it, with a reason: after a termination, for instance. It is not undone.
#[utoipa::path(post, path = "/v1/instalments/{id}/waive", responses((status = 409, description = "Out of turn: see `state` and `available_actions`.")))]
pub(super) async fn waive_instalment(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<InstalmentWaiver>,
) -> Result<Written<Current<Instalment>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::waive(work, &row, &body.0).map(Current)).await
}

/// Record a payment
///
/// Of an instalment that was called for: of all that remains, or of a part of it. No more than what is due is received.
#[utoipa::path(
    post,
    path = "/v1/instalments/{id}/payments",
    responses((status = 409, description = "Out of turn (see `state` and `available_actions`), or another payment was recorded just now."))
)]
pub(super) async fn create_payment(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<NewPayment>,
) -> Result<Written<Created<Payment>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    once.under(&context, call, find, move |work, row| ops::receive(work, &row, &body.0).map(Created)).await
}

/// List the payments of an instalment
///
/// The first received first.
#[utoipa::path(get, path = "/v1/instalments/{id}/payments")]
pub(super) async fn list_payments(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<PaymentPage>, ApiError> {
    context.read(can.call(), move |work| ops::payments(work, &can.scope, id.0, &list.page)).await.map(Listed)
}

/// Delete a payment
///
/// For one that was recorded by mistake: the instalment is due again. `If-Match` is the version of the instalment.
#[utoipa::path(delete, path = "/v1/payments/{id}")]
pub(super) async fn delete_payment(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    _why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find_payment(work, &can.scope, id.0);
    change.run(&context, call, find, |work, paid| ops::delete_payment(work, &paid).map(|()| NoContent)).await
}
