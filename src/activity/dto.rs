//! Activity as the contract describes it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::appointments::model::AppointmentStatus;
use crate::db::{Id, UtcTs};
use crate::figures::FigureDefinition;
use crate::nomenclatures::codes::{
    InterventionMode, InterventionType, ParticipantType, ReferralOrigin, ReferralReason,
};
use crate::referrals::model::ReferralStatus;

/// The period.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct ActivityPeriod {
    /// First day.
    #[param(example = "2026-01-01")]
    pub from: NaiveDate,
    /// Last day, included. The period is at most five years.
    #[param(example = "2026-12-31")]
    pub to: NaiveDate,
}

/// Activity of a service in a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "from": "2025-01-01", "to": "2025-12-31",
    "read_at": "2026-01-12T08:15:00.000000Z", "definition_version": "2026.4",
    "accompanied": {"children": 41, "households": 39, "structures": 3},
    "referrals": {
        "received": 52,
        "by_origin": [{"origin": "family", "group": "family", "number": 30}, {"origin": "pmi", "group": "health", "number": 22}],
        "by_origin_group": [{"group": "family", "number": 30}, {"group": "health", "number": 22}],
        "by_status": [{"status": "accepted", "number": 44}, {"status": "declined", "number": 8}],
        "by_decline_reason": [{"reason": "school_time_not_covered", "number": 8}]
    },
    "interventions": {
        "number": 210, "minutes": 13020, "travel_minutes": 6400,
        "by_mode": [{"mode": "individual", "number": 140, "minutes": 9000, "travel_minutes": 5200}],
        "by_type": [{"type": "family_interview", "number": 60, "minutes": 4500, "travel_minutes": 2400}],
        "participants": [{"kind": "parent", "number": 96}]
    },
    "appointments": {
        "number": 120, "by_status": [{"status": "held", "number": 104}, {"status": "missed", "number": 16}],
        "missed_without_excuse": 9
    },
    "placements": {"started": 24, "children": 22},
    "active_file": {
        "children": 41, "counted_fte_hundredths": 130, "children_per_fte": 31.54,
        "recommended_per_fte_per_year": 30, "reached": true
    },
    "definitions": [{
        "figure": "/placements/started",
        "fr": "Accueils effectifs dont le premier jour est dans la période : ni les accueils prévus, ni ceux que l'enfant avait avant l'ouverture du suivi.",
        "en": "Effective placements whose first day is in the period: neither planned places nor those that the child had before the case was opened."
    }]
}))]
pub struct Activity {
    /// The service.
    pub service_id: Id,
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// When the figures were read. They are live.
    pub read_at: UtcTs,
    /// Version of the definitions. Figures of different versions are not comparable.
    pub definition_version: &'static str,
    /// Children, households and structures accompanied.
    pub accompanied: Accompanied,
    /// Referrals received.
    pub referrals: ReferralFigures,
    /// Interventions held.
    pub interventions: InterventionFigures,
    /// Appointments, apart from interventions.
    pub appointments: AppointmentFigures,
    /// Placements started.
    pub placements: PlacementFigures,
    /// Active file, compared with the Cnaf recommendation.
    pub active_file: ActiveFile,
    /// The definition of each figure.
    pub definitions: Vec<FigureDefinition>,
}

/// Distinct counts, which are not additive over periods.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Accompanied {
    /// Distinct children with a case open on at least one day of the period.
    pub children: i64,
    /// Their distinct households.
    pub households: i64,
    /// Distinct structures with a case about the structure itself, not about a child.
    pub structures: i64,
}

/// Referrals received in the period.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ReferralFigures {
    /// Number of referrals.
    pub received: i64,
    /// By origin. An absent origin counts zero.
    pub by_origin: Vec<OriginCount>,
    /// By group of origins. An absent group counts zero.
    pub by_origin_group: Vec<OriginGroupCount>,
    /// By current state, not the state at the end of the period. Every state is listed, even with zero.
    pub by_status: Vec<ReferralStatusCount>,
    /// Referrals currently declined, by reason.
    pub by_decline_reason: Vec<ReasonCount>,
}

/// Number of referrals from an origin.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OriginCount {
    /// Origin.
    pub origin: ReferralOrigin,
    /// Group of the origin.
    #[schema(extensions(("x-nomenclature" = json!("referral_origin_group"))))]
    pub group: &'static str,
    /// Number of referrals.
    pub number: i64,
}

/// Number of referrals from a group of origins.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OriginGroupCount {
    /// Group of origins.
    #[schema(extensions(("x-nomenclature" = json!("referral_origin_group"))))]
    pub group: &'static str,
    /// Number of referrals.
    pub number: i64,
}

/// Number of referrals in a state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReferralStatusCount {
    /// State.
    pub status: ReferralStatus,
    /// Number of referrals.
    pub number: i64,
}

/// Number of referrals declined for a reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReasonCount {
    /// Reason.
    pub reason: ReferralReason,
    /// Number of referrals.
    pub number: i64,
}

/// Interventions of the period: individual, collective and indirect. Travel is counted separately.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct InterventionFigures {
    /// Number of interventions.
    pub number: i64,
    /// Duration in minutes, without travel.
    pub minutes: i64,
    /// Travel time in minutes.
    pub travel_minutes: i64,
    /// By mode. Every mode is listed, even with zero.
    pub by_mode: Vec<ModeFigures>,
    /// By type. An absent type counts zero.
    pub by_type: Vec<TypeFigures>,
    /// Attendances by type of participant. An absent type counts zero.
    pub participants: Vec<Attendances>,
}

/// Interventions of a mode.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModeFigures {
    /// Mode: individual, collective or indirect.
    pub mode: InterventionMode,
    /// Number of interventions.
    pub number: i64,
    /// Duration in minutes, without travel.
    pub minutes: i64,
    /// Travel time in minutes.
    pub travel_minutes: i64,
}

/// Interventions of a type.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TypeFigures {
    /// Type of intervention.
    #[serde(rename = "type")]
    pub kind: InterventionType,
    /// Number of interventions.
    pub number: i64,
    /// Duration in minutes, without travel.
    pub minutes: i64,
    /// Travel time in minutes.
    pub travel_minutes: i64,
}

/// Attendances of a type of participant.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Attendances {
    /// Type of participant.
    pub kind: ParticipantType,
    /// Number of attendances: a person met twice counts twice.
    pub number: i64,
}

/// Appointments of the period.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct AppointmentFigures {
    /// Number of appointments.
    pub number: i64,
    /// By current state. Every state is listed, even with zero.
    pub by_status: Vec<AppointmentStatusCount>,
    /// Missed appointments of which no notice was given.
    pub missed_without_excuse: i64,
}

/// Number of appointments in a state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AppointmentStatusCount {
    /// State.
    pub status: AppointmentStatus,
    /// Number of appointments.
    pub number: i64,
}

/// Effective placements started in the period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlacementFigures {
    /// Number of placements.
    pub started: i64,
    /// Distinct children of these placements.
    pub children: i64,
}

/// Active file, compared with the Cnaf recommendation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActiveFile {
    /// Distinct children accompanied in the period. Never the sum of shorter periods.
    pub children: i64,
    /// Full-time equivalents of the counted positions, averaged over the period, in hundredths.
    pub counted_fte_hundredths: i64,
    /// Children per full-time equivalent, to two decimals; null if no position is counted.
    pub children_per_fte: Option<f64>,
    /// Minimum number of children per full-time equivalent and year that Cnaf recommends.
    pub recommended_per_fte_per_year: i64,
    /// Whether the recommendation is met. Null unless the period is exactly one year, is over, and at least one
    /// position is counted: distinct children are not additive over periods, so the rate of a shorter or longer period
    /// cannot be compared with a yearly recommendation.
    pub reached: Option<bool>,
}
