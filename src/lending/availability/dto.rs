//! Availability in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, text_enum};
use crate::http::page::QueryParams;
use crate::lending::reservations::dto::assessment::{FreeLoan, LoanRule};

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
pub struct AvailabilityDays {
    /// First day.
    #[param(example = "2026-06-01")]
    pub from: NaiveDate,
    /// Last day, included: at most 366 days.
    #[param(example = "2026-06-30")]
    pub to: NaiveDate,
}

impl QueryParams for AvailabilityDays {}

text_enum! {
    /// What a copy is on a day.
    pub enum CopyDayState {
        /// Free, and the service is open: a loan may begin or end.
        Free = "free",
        /// Free, and the service is closed: a loan may last over it.
        Closed = "closed",
        /// Promised and not handed out.
        Reserved = "reserved",
        /// With a borrower.
        OnLoan = "on_loan",
        /// Being cleaned and checked.
        Buffer = "buffer",
        /// With a borrower who should have brought it back.
        Overdue = "overdue",
        /// Out of service.
        OutOfService = "out_of_service",
    }
}

/// A copy on one day.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct CopyDay {
    /// The day.
    pub day: NaiveDate,
    /// What the copy is on it.
    pub state: CopyDayState,
}

/// A copy, day by day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CopyAvailability {
    /// The copy.
    pub copy_id: Id,
    /// What is written on it.
    pub label: String,
    /// Where it is when nobody has it.
    pub home_site: String,
    /// Its days, in order.
    #[schema(max_items = 366)]
    pub days: Vec<CopyDay>,
}

/// When a kit can be lent.
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
    /// Last day, included.
    pub to: NaiveDate,
    /// The rules that apply, with their values.
    pub rules: Vec<LoanRule>,
    /// The first loan of the usual length that is possible on each copy from `from` on, by day, three at most; empty when
    /// there is none as far ahead as a loan may begin.
    #[schema(max_items = 3)]
    pub next_free: Vec<FreeLoan>,
    /// How many wait for the kit.
    pub waiting: i64,
    /// Each copy, day by day.
    pub copies: Vec<CopyAvailability>,
}
