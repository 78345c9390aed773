//! The operations of reminders.

use actix_web::web::Data;

use super::dto::{DueSoon, LoanReminderPage};
use super::ops::{self, Which};
use crate::auth::grants::ReservationsRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::Path;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};

/// List the loans that are due soon
///
/// Returns the current loans of a service that are due today or within some days, earliest due date first.
#[utoipa::path(get, path = "/v1/services/{id}/loans/due-soon")]
pub(super) async fn list_loans_due_soon(
    can: Can<ReservationsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<DueSoon>,
) -> Result<Listed<LoanReminderPage>, ApiError> {
    let which = Which::DueWithin(list.filter.days.unwrap_or(7));
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, which, &list.page)).await
}

/// List the overdue loans
///
/// Returns the loans of a service that were due before today, earliest due date first, each with the reservations that it
/// endangers.
#[utoipa::path(get, path = "/v1/services/{id}/loans/overdue")]
pub(super) async fn list_overdue_loans(
    can: Can<ReservationsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<LoanReminderPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, Which::Overdue, &list.page))
        .await
}
