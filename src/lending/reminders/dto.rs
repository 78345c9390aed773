//! Requests and responses about reminders.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::Id;
use crate::lending::reservations::dto::Reservation;

/// Filters of the list of loans that are due soon.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct DueSoon {
    /// Due within this many days: 7 by default, 0 for today only.
    #[param(minimum = 0, maximum = 60, example = 7)]
    pub(super) days: Option<i32>,
}

/// A loan to send a reminder about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LoanReminder {
    /// Days until the loan is due. Negative if it is overdue: -3 means three days overdue.
    #[schema(minimum = -100_000, maximum = 100_000, example = 3)]
    pub days_left: i64,
    /// The loan.
    pub reservation: Reservation,
    /// If the loan is overdue, the reservations that it endangers: those that start before the copy could be lent again
    /// if it came back today.
    pub endangers: Vec<EndangeredReservation>,
}

/// A reservation whose copy may not be back in time.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(example = json!({"reservation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d22", "starts_on": "2026-06-24"}))]
pub struct EndangeredReservation {
    /// The reservation.
    pub reservation_id: Id,
    /// The day of the hand-out.
    pub starts_on: NaiveDate,
}

crate::page! {
    /// A page of loans to send a reminder about.
    LoanReminderPage of LoanReminder
}
