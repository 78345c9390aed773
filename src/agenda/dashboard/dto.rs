//! The dashboard in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs};

/// The service of a dashboard.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct DashboardOf {
    /// The service.
    pub service_id: Id,
}

/// The counters of a home page. Null for what the caller may not read.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "read_at": "2026-03-02T08:15:00.000000Z",
    "today": "2026-03-02", "week_to": "2026-03-08", "referrals_to_decide": 4, "referrals_waiting": 3, "open_cases": 41, "suspended_cases": 2,
    "follow_ups_overdue": 2, "follow_ups_this_week": 5, "appointments_today": 3, "appointments_this_week": 11,
    "appointments_unanswered": 1, "procedures_expiring": 2, "procedures_overdue": 1, "placement_reviews_overdue": 2,
    "placement_reviews_this_week": 1, "placements_to_confirm": 1, "kits_overdue": 1, "kits_due_this_week": 2,
    "conventions_expiring": 3,
    "instalments_overdue": 1, "children_this_year": 38, "counted_fte_hundredths": 130, "children_per_fte": 29.23,
    "recommended_per_fte_per_year": 30
}))]
pub struct Dashboard {
    /// The service.
    pub service_id: Id,
    /// When the counters were read. They are live.
    pub read_at: UtcTs,
    /// Today in the time zone of the service.
    pub today: NaiveDate,
    /// Last day of "this week": six days after today.
    pub week_to: NaiveDate,
    /// Referrals received or qualified, on which nobody has decided. With `referrals:read`.
    pub referrals_to_decide: Option<i64>,
    /// Referrals on the waiting list. With `referrals:read`.
    pub referrals_waiting: Option<i64>,
    /// Open cases, of children and of structures, those that are suspended included.
    pub open_cases: i64,
    /// Open cases that are suspended. Their follow-ups are set aside.
    pub suspended_cases: i64,
    /// Open cases whose follow-up was before today.
    pub follow_ups_overdue: i64,
    /// Open cases with a follow-up this week, today included.
    pub follow_ups_this_week: i64,
    /// Appointments today, planned or confirmed.
    pub appointments_today: i64,
    /// Appointments this week, planned or confirmed, today included.
    pub appointments_this_week: i64,
    /// Appointments before today of which nobody has said what became of them.
    pub appointments_unanswered: i64,
    /// Procedures of open cases of which what was granted expires within 90 days, today included.
    pub procedures_expiring: i64,
    /// Procedures of open cases about which something was to be done before today.
    pub procedures_overdue: i64,
    /// Reviews of placements that were due before today and that nobody has answered.
    pub placement_reviews_overdue: i64,
    /// Reviews of placements that are due this week, today included, and that nobody has answered.
    pub placement_reviews_this_week: i64,
    /// Planned placements whose first day is today or has passed, and that nobody has confirmed.
    pub placements_to_confirm: i64,
    /// Kits on loan that were due before today. With `reservations:read`.
    pub kits_overdue: Option<i64>,
    /// Kits on loan that are due this week, today included. With `reservations:read`.
    pub kits_due_this_week: Option<i64>,
    /// Signed conventions that end within 90 days and that no convention renews. With `conventions:read`.
    pub conventions_expiring: Option<i64>,
    /// Called instalments past their due date of which something remains to be received. With `conventions:read`.
    pub instalments_overdue: Option<i64>,
    /// Distinct children with a case open on at least one day of this calendar year so far. With `activity:read`.
    pub children_this_year: Option<i64>,
    /// Full-time equivalents of the counted positions, averaged over this year so far, in hundredths. With `activity:read`.
    pub counted_fte_hundredths: Option<i64>,
    /// These children per full-time equivalent, to two decimals; null if no position is counted. With `activity:read`.
    pub children_per_fte: Option<f64>,
    /// Minimum number of children per full-time equivalent and year that Cnaf recommends: compare a whole year with it.
    pub recommended_per_fte_per_year: i64,
}
