//! What would become of a request, in the contract.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Id, text_enum};
use crate::error::{Fault, Lang, Text};

text_enum! {
    /// A rule of lending.
    pub enum LoanRuleName {
        /// Days of a loan.
        LoanDays = "loan_days",
        /// Days of a loan at most, extensions included.
        LongestLoanDays = "longest_loan_days",
        /// Open days between two loans.
        BufferDays = "buffer_days",
        /// How many days ahead a loan may begin.
        BookAheadDays = "book_ahead_days",
    }
}

text_enum! {
    /// Where the value of a rule comes from.
    pub enum LoanRuleSource {
        /// The kit says it.
        Kit = "kit",
        /// The settings of the service say it.
        Service = "service",
        /// The request says it.
        Request = "request",
    }
}

/// A rule of lending, with the value that applied.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(example = json!({"rule": "loan_days", "value": 21, "source": "service"}))]
pub struct LoanRule {
    /// Which rule.
    pub rule: LoanRuleName,
    /// Its value, in days.
    pub value: i32,
    /// Where the value comes from.
    pub source: LoanRuleSource,
}

/// Something that hinders a reservation, or that is good to know.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"code": "closing_day", "pointer": "/starts_on", "message": "The service is closed on this day; the next open one is 2026-06-08."}))]
pub struct Remark {
    /// Stable code.
    pub code: String,
    /// The field of the request that it is about; empty for all of it.
    pub pointer: String,
    /// For a person, in the language of the call.
    pub message: String,
}

impl Remark {
    /// A fault as a remark.
    pub fn of(fault: &Fault, lang: Lang) -> Self {
        Self {
            code: fault.code.to_string(),
            pointer: fault.pointer.clone(),
            message: fault.message.in_lang(lang).to_owned(),
        }
    }

    /// A remark on the whole request.
    pub fn new(code: &str, message: &Text, lang: Lang) -> Self {
        Self { code: code.to_owned(), pointer: String::new(), message: message.in_lang(lang).to_owned() }
    }
}

/// Days on which a copy is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[schema(example = json!({
    "starts_on": "2026-06-24", "due_on": "2026-07-15", "blocked_until": "2026-07-16",
    "copy_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12"
}))]
pub struct FreeLoan {
    /// The day of the hand-out.
    pub starts_on: NaiveDate,
    /// The day of the return.
    pub due_on: NaiveDate,
    /// The last day that the copy would be kept, buffer included.
    pub blocked_until: NaiveDate,
    /// The copy.
    pub copy_id: Id,
}

/// What is in the way of a reservation.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "copy_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12", "reservation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d21",
    "from": "2026-06-01", "to": "2026-06-23", "overdue": false
}))]
pub struct Obstacle {
    /// The copy.
    pub copy_id: Id,
    /// The reservation that it is kept for, or the loan that is late.
    pub reservation_id: Id,
    /// The first of the days wanted that it takes.
    pub from: NaiveDate,
    /// The last of the days wanted that it takes; for a late loan, the last day before the copy could be lent if it came
    /// back today.
    pub to: NaiveDate,
    /// Whether it is a loan that should have come back.
    pub overdue: bool,
}

/// What would become of a request, if it were made now.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "possible": true, "blockers": [], "warnings": [],
    "rules": [{"rule": "loan_days", "value": 21, "source": "service"}, {"rule": "buffer_days", "value": 1, "source": "service"}],
    "loan": {
        "starts_on": "2026-06-01", "due_on": "2026-06-22", "blocked_until": "2026-06-23",
        "copy_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12"
    },
    "obstacles": [], "next_free": [], "waiting": 0
}))]
pub struct ReservationAssessment {
    /// Whether it would be recorded, with a copy.
    pub possible: bool,
    /// What hinders it: with any of these, the request would be refused (422).
    pub blockers: Vec<Remark>,
    /// What is good to know, and hinders nothing.
    pub warnings: Vec<Remark>,
    /// The rules that applied, with their values.
    pub rules: Vec<LoanRule>,
    /// The days and the copy that it would have; absent when no copy is free (409) or when something hinders it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loan: Option<FreeLoan>,
    /// What is in the way, when no copy is free.
    pub obstacles: Vec<Obstacle>,
    /// The next loans of that length that are possible, the first three: the first on each copy, by day.
    pub next_free: Vec<FreeLoan>,
    /// How many wait for the kit.
    pub waiting: i64,
}
