//! The operations of instalments and payments.

use actix_web::web::Data;

use super::dto::{
    CallForPayment, Instalment, InstalmentFilter, InstalmentPage, InstalmentWaiver, Payment, PaymentInput, PaymentPage,
    UnpaidFilter,
};
use super::ops;
use crate::auth::grants::{ConventionsRead, ConventionsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Path, Query, Written};

/// List the instalments
///
/// Returns the instalments of the services that the caller can access. By default, earliest due date first.
#[utoipa::path(get, path = "/v1/instalments")]
pub(super) async fn list_instalments(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    list: List<InstalmentFilter>,
) -> Result<Listed<InstalmentPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// List the unpaid instalments
///
/// Returns the instalments of a service that were due before today and have an amount remaining, whether called or not:
/// the local authorities to contact. By default, earliest due date first.
#[utoipa::path(get, path = "/v1/services/{id}/unpaid-instalments")]
pub(super) async fn list_unpaid_instalments(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<UnpaidFilter>,
) -> Result<Listed<InstalmentPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::unpaid(work, &can.scope, id.0, list)).await
}

/// Get an instalment
///
/// Returns an instalment: amounts due, received and waived, and the actions allowed now.
#[utoipa::path(get, path = "/v1/instalments/{id}")]
pub(super) async fn get_instalment(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Instalment>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Call an instalment
///
/// Records that the local authority was asked to pay. The contribution must be frozen.
#[utoipa::path(post, path = "/v1/instalments/{id}/call", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn call_instalment(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<CallForPayment>,
) -> Result<Written<Current<Instalment>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::call(work, &row, &body.0).map(Current)).await
}

/// Waive an instalment
///
/// Waives the remaining amount, with a reason, for instance after a termination. It cannot be undone.
#[utoipa::path(post, path = "/v1/instalments/{id}/waive", responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`.")))]
pub(super) async fn waive_instalment(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    body: Body<InstalmentWaiver>,
) -> Result<Written<Current<Instalment>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::waive(work, &row, &body.0).map(Current)).await
}

/// Record a payment
///
/// Records a payment of an instalment that was called: all of the remaining amount, or part of it. A payment larger
/// than the remaining amount is refused. Concurrent payments are recorded one after the other.
#[utoipa::path(
    post,
    path = "/v1/instalments/{id}/payments",
    responses((status = 409, description = "Not allowed in this state: see `state` and `available_actions`."))
)]
pub(super) async fn create_payment(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<PaymentInput>,
) -> Result<Written<Created<Payment>>, ApiError> {
    once.under_object(&context, can, id.0, ops::find, move |work, row| ops::receive(work, &row, &body.0).map(Created))
        .await
}

/// List the payments of an instalment
///
/// Returns the payments of an instalment, earliest received first.
#[utoipa::path(get, path = "/v1/instalments/{id}/payments")]
pub(super) async fn list_payments(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<PaymentPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::payments(work, &can.scope, id.0, &list.page)).await
}

/// Delete a payment
///
/// Deletes a payment recorded by mistake: its amount is due again. `If-Match` takes the version of the instalment.
#[utoipa::path(delete, path = "/v1/payments/{id}")]
pub(super) async fn delete_payment(
    can: Can<ConventionsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    _why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    change
        .on(&context, can, id.0, ops::find_payment, |work, paid| ops::delete_payment(work, &paid).map(|()| NoContent))
        .await
}
