//! The load of a team in the contract.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Id, UtcTs};
use crate::referrals::model::Urgency;

/// The load of the team of a service today.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "day": "2026-03-02",
    "read_at": "2026-03-02T08:15:00.000000Z", "counted_fte_hundredths": 150, "recommended_per_fte_per_year": 30,
    "recommended_children": 45, "accompanied_this_year": 31, "open_cases": 26, "open_children": 24, "overdue": 3,
    "nothing_planned": 2, "without_referent": 1,
    "referents": [{
        "referent_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "referent_name": "La coordinatrice", "open_cases": 25,
        "overdue": 3, "nothing_planned": 1
    }],
    "waiting": [{"urgency": "urgent", "number": 1}, {"urgency": "priority", "number": 0}, {"urgency": "normal", "number": 7}],
    "worked_from": "2026-02-03", "acts": 61, "minutes": 4180, "travel_minutes": 910,
    "professionals": [{
        "user_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "user_name": "La coordinatrice", "acts": 52, "minutes": 3560,
        "travel_minutes": 780
    }]
}))]
pub struct Workload {
    /// The service.
    pub service_id: Id,
    /// Today's date in the time zone of the service.
    pub day: NaiveDate,
    /// When the figures were read.
    pub read_at: UtcTs,
    /// Full-time equivalents of the counted positions today, in hundredths.
    pub counted_fte_hundredths: i64,
    /// Cnaf: at least this many accompanied children per full-time equivalent and year.
    pub recommended_per_fte_per_year: i64,
    /// What this makes for the full-time equivalents of today, for a whole year; null if no position is counted.
    pub recommended_children: Option<i64>,
    /// Distinct children with a case open on at least one day since 1 January.
    pub accompanied_this_year: i64,
    /// Open cases, of children and of structures, those that are suspended included.
    pub open_cases: i64,
    /// Children with an open case.
    pub open_children: i64,
    /// Open cases whose next follow-up is before today.
    pub overdue: i64,
    /// Open cases without a next follow-up that are not suspended.
    pub nothing_planned: i64,
    /// Open cases without a référent.
    pub without_referent: i64,
    /// The référents of open cases, the one with the most cases first.
    pub referents: Vec<ReferentLoad>,
    /// The waiting list, by urgency, the most urgent first. Every urgency is listed, even with zero.
    pub waiting: Vec<UrgencyCount>,
    /// First of the 28 days, today included, whose work is summed.
    pub worked_from: NaiveDate,
    /// Acts of these days, about cases or about none. An act about several cases counts once.
    pub acts: i64,
    /// Their minutes, without travel. An act counts once, whoever took part.
    pub minutes: i64,
    /// Their travel time in minutes.
    pub travel_minutes: i64,
    /// Who took part in these acts, the one with the most minutes first.
    pub professionals: Vec<ProfessionalLoad>,
}

/// The work of a professional in the last 28 days.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfessionalLoad {
    /// The user account.
    pub user_id: Id,
    /// Name; null for API clients.
    pub user_name: Option<String>,
    /// Acts in which they took part. An act about several cases counts once.
    pub acts: i64,
    /// Minutes of these acts. Each of those who took part spent all of them, so the sum over people can exceed `minutes` of the
    /// team.
    pub minutes: i64,
    /// Travel time of these acts in minutes, likewise.
    pub travel_minutes: i64,
}

/// The open cases of a référent.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferentLoad {
    /// The user account of the référent.
    pub referent_id: Id,
    /// Name of the référent; null for API clients.
    pub referent_name: Option<String>,
    /// Open cases.
    pub open_cases: i64,
    /// Those whose next follow-up is before today.
    pub overdue: i64,
    /// Those without a next follow-up that are not suspended.
    pub nothing_planned: i64,
}

/// Number of referrals of an urgency in the waiting list.
#[derive(Debug, Serialize, ToSchema)]
pub struct UrgencyCount {
    /// Urgency.
    pub urgency: Urgency,
    /// Number of referrals.
    pub number: i64,
}
