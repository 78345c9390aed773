//! Responses about the assessment of a request.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Id, text_enum};
use crate::error::{Fault, Lang, Text};

text_enum! {
    /// A lending rule.
    pub enum LoanRuleName {
        /// Length of a loan in days.
        LoanDays = "loan_days",
        /// Maximum length of a loan in days, extensions included.
        LongestLoanDays = "longest_loan_days",
        /// Open days between two loans.
        BufferDays = "buffer_days",
        /// How many days ahead a loan may start.
        BookAheadDays = "book_ahead_days",
    }
}

text_enum! {
    /// Where the value of a rule comes from.
    pub enum LoanRuleSource {
        /// The kit.
        Kit = "kit",
        /// The settings of the service.
        Service = "service",
        /// The request.
        Request = "request",
    }
}

/// A lending rule, with the value that applies.
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

/// A reason that blocks a reservation, or a warning.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"code": "closing_day", "pointer": "/starts_on", "message": "The service is closed on this day; the next open day is 2026-06-08."}))]
pub struct Remark {
    /// Stable code.
    pub code: String,
    /// JSON pointer to the field of the request; empty for the whole request.
    pub pointer: String,
    /// Message for people, in the language of the call.
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

    /// A remark about the whole request.
    pub fn new(code: &str, message: &Text, lang: Lang) -> Self {
        Self { code: code.to_owned(), pointer: String::new(), message: message.in_lang(lang).to_owned() }
    }
}

/// A possible loan of a copy.
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
    /// The last day that the loan would take of the copy, buffer included.
    pub blocked_until: NaiveDate,
    /// The copy.
    pub copy_id: Id,
}

/// A reservation or loan that takes a copy on the requested days.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "copy_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12", "reservation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d21",
    "from": "2026-06-01", "to": "2026-06-23", "overdue": false
}))]
pub struct Obstacle {
    /// The copy.
    pub copy_id: Id,
    /// The reservation that has the copy, or the overdue loan.
    pub reservation_id: Id,
    /// The first of the requested days that it takes.
    pub from: NaiveDate,
    /// The last of the requested days that it takes. For an overdue loan, the day before the copy could be lent again if it
    /// came back today.
    pub to: NaiveDate,
    /// Whether it is an overdue loan.
    pub overdue: bool,
}

/// The assessment of a request, as if it were made now.
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
    /// Whether the reservation would be made, with a copy.
    pub possible: bool,
    /// What blocks it. With any of these, the request would fail with 422.
    pub blockers: Vec<Remark>,
    /// Warnings. They do not block the request.
    pub warnings: Vec<Remark>,
    /// The rules that apply, with their values.
    pub rules: Vec<LoanRule>,
    /// The days and the copy that it would get. Absent if no copy is free (409) or if something blocks the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loan: Option<FreeLoan>,
    /// The obstacles, if no copy is free.
    pub obstacles: Vec<Obstacle>,
    /// For each copy, the next possible loan of the same length. Earliest first, at most three.
    pub next_free: Vec<FreeLoan>,
    /// Number of borrowers in the queue of the kit.
    pub waiting: i64,
}
