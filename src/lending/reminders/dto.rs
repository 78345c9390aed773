//! Reminders in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::Id;
use crate::http::page::QueryParams;
use crate::lending::reservations::dto::Reservation;

/// How soon.
#[derive(Debug, Deserialize, IntoParams)]
pub struct DueSoon {
    /// Due within so many days from today: 7 unless said, 0 for today alone.
    #[param(minimum = 0, maximum = 60, example = 7)]
    pub(super) days: Option<i32>,
}

impl QueryParams for DueSoon {}

/// A loan to remind of.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LoanReminder {
    /// Days until it is due; below 0, days for which it has been late.
    #[schema(minimum = -100_000, maximum = 100_000, example = 3)]
    pub days_left: i64,
    /// The loan.
    pub reservation: Reservation,
    /// The reservations that may not find their copy, if it is late: those that would begin before the copy could be lent again
    /// if it came back today.
    pub endangers: Vec<EndangeredReservation>,
}

/// A reservation that may not find its copy.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(example = json!({"reservation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d22", "starts_on": "2026-06-24"}))]
pub struct EndangeredReservation {
    /// The reservation.
    pub reservation_id: Id,
    /// The day on which it is to be handed out.
    pub starts_on: NaiveDate,
}

crate::page! {
    /// Loans to remind of.
    LoanReminderPage of LoanReminder
}
