//! Requests and responses about availability.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, text_enum};
use crate::lending::reservations::dto::assessment::{FreeLoan, LoanRule};

/// The days to return.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct AvailabilityDays {
    /// First day. Today or later, without `reservations:read`.
    #[param(example = "2026-06-01")]
    pub from: NaiveDate,
    /// Last day, inclusive. At most 366 days in all.
    #[param(example = "2026-06-30")]
    pub to: NaiveDate,
}

text_enum! {
    /// State of a copy on one day.
    pub enum CopyDayState {
        /// Free, and the service is open: a loan may start or end on this day.
        Free = "free",
        /// Free, and the service is closed: a loan may include this day, but not start or end on it.
        Closed = "closed",
        /// Reserved, and not handed out.
        Reserved = "reserved",
        /// With a borrower.
        OnLoan = "on_loan",
        /// Being cleaned and checked.
        Buffer = "buffer",
        /// With a borrower, after the day of the return.
        Overdue = "overdue",
        /// Out of service.
        OutOfService = "out_of_service",
    }
}

/// State of a copy on one day.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct CopyDay {
    /// The day.
    pub day: NaiveDate,
    /// State of the copy.
    pub state: CopyDayState,
}

/// The states of a copy, day by day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CopyAvailability {
    /// The copy.
    pub copy_id: Id,
    /// Label on the copy.
    pub label: String,
    /// Where it is stored.
    pub home_site: String,
    /// Its state on each day, by date.
    #[schema(max_items = 366)]
    pub days: Vec<CopyDay>,
}

/// Availability of a kit.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "kit_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d10", "from": "2026-06-01", "to": "2026-06-02",
    "rules": [{"rule": "loan_days", "value": 21, "source": "service"}],
    "next_free": [{
        "starts_on": "2026-06-24", "due_on": "2026-07-15", "blocked_until": "2026-07-16",
        "copy_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12"
    }],
    "waiting": 0,
    "copies": [{
        "copy_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12", "label": "1", "home_site": "Clermont-Ferrand",
        "days": [{"day": "2026-06-01", "state": "on_loan"}, {"day": "2026-06-02", "state": "on_loan"}]
    }]
}))]
pub struct KitAvailability {
    /// The kit.
    pub kit_id: Id,
    /// First day.
    pub from: NaiveDate,
    /// Last day, inclusive.
    pub to: NaiveDate,
    /// The rules that apply, with their values.
    pub rules: Vec<LoanRule>,
    /// For each copy, the first possible loan of the usual length that starts on `from` or later. Earliest first, at
    /// most three. Empty if no loan is possible within the booking period.
    #[schema(max_items = 3)]
    pub next_free: Vec<FreeLoan>,
    /// Number of borrowers in the queue of the kit.
    pub waiting: i64,
    /// The copies, with their states day by day.
    pub copies: Vec<CopyAvailability>,
}
