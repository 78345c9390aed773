//! Activity in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs};
use crate::figures::FigureDefinition;
use crate::http::page::QueryParams;
use crate::nomenclatures::codes::{
    InterventionMode, InterventionType, ParticipantType, ReferralOrigin, ReferralReason,
};
use crate::referrals::model::ReferralStatus;

/// Which period.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ActivityPeriod {
    /// First day.
    #[param(example = "2026-01-01")]
    pub from: NaiveDate,
    /// Last day, included. At most five years after the first.
    #[param(example = "2026-12-31")]
    pub to: NaiveDate,
}

impl QueryParams for ActivityPeriod {}

/// What a service did in a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "from": "2025-01-01", "to": "2025-12-31",
    "read_at": "2026-01-12T08:15:00.000000Z", "definition_version": "2026.1",
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
    "placements": {"started": 24, "children": 22},
    "active_file": {
        "children": 41, "counted_fte_hundredths": 130, "children_per_fte": 31.54,
        "recommended_per_fte_per_year": 30, "reached": true
    },
    "definitions": [{
        "figure": "/placements/started", "fr": "Accueils effectifs dont le premier jour est dans la période.",
        "en": "Effective placements whose first day is in the period."
    }]
}))]
pub struct Activity {
    /// The service.
    pub service_id: Id,
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// When it was read: the figures are live.
    pub read_at: UtcTs,
    /// Version of the definitions. Figures of two versions are not compared.
    pub definition_version: &'static str,
    /// Who was accompanied.
    pub accompanied: Accompanied,
    /// Who asked.
    pub referrals: ReferralFigures,
    /// The work done.
    pub interventions: InterventionFigures,
    /// The places found.
    pub placements: PlacementFigures,
    /// The active file against what Cnaf recommends.
    pub active_file: ActiveFile,
    /// What each figure counts.
    pub definitions: Vec<FigureDefinition>,
}

/// Distinct, and therefore not additive over periods.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Accompanied {
    /// Distinct children with a case open on at least one day of the period.
    pub children: i64,
    /// Their distinct households.
    pub households: i64,
    /// Distinct structures with a case about no child.
    pub structures: i64,
}

/// Referrals received in the period.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ReferralFigures {
    /// How many.
    pub received: i64,
    /// By who refers; an origin that is absent counts zero.
    pub by_origin: Vec<OriginCount>,
    /// By group of origins; a group that is absent counts zero.
    pub by_origin_group: Vec<OriginGroupCount>,
    /// By their state when this is read: every state, zero included.
    pub by_status: Vec<ReferralStatusCount>,
    /// Those declined, by reason.
    pub by_decline_reason: Vec<ReasonCount>,
}

/// Referrals of an origin.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OriginCount {
    /// Who refers.
    pub origin: ReferralOrigin,
    /// The group of the origin.
    #[schema(extensions(("x-nomenclature" = json!("referral_origin_group"))))]
    pub group: &'static str,
    /// How many.
    pub number: i64,
}

/// Referrals of a group of origins.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OriginGroupCount {
    /// The group.
    #[schema(extensions(("x-nomenclature" = json!("referral_origin_group"))))]
    pub group: &'static str,
    /// How many.
    pub number: i64,
}

/// Referrals in a state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReferralStatusCount {
    /// The state.
    pub status: ReferralStatus,
    /// How many.
    pub number: i64,
}

/// Referrals declined for a reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReasonCount {
    /// The reason.
    pub reason: ReferralReason,
    /// How many.
    pub number: i64,
}

/// The work of the period: individual, collective and indirect, travel apart.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct InterventionFigures {
    /// How many.
    pub number: i64,
    /// Their minutes, without travel.
    pub minutes: i64,
    /// Their minutes of travel.
    pub travel_minutes: i64,
    /// By mode: every mode, zero included.
    pub by_mode: Vec<ModeFigures>,
    /// By type; a type that is absent counts zero.
    pub by_type: Vec<TypeFigures>,
    /// Attendances by kind of participant; a kind that is absent counts zero.
    pub participants: Vec<Attendances>,
}

/// The work of a mode.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModeFigures {
    /// Individual, collective or indirect.
    pub mode: InterventionMode,
    /// How many.
    pub number: i64,
    /// Their minutes, without travel.
    pub minutes: i64,
    /// Their minutes of travel.
    pub travel_minutes: i64,
}

/// The work of a type.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TypeFigures {
    /// What it was.
    #[serde(rename = "type")]
    pub kind: InterventionType,
    /// How many.
    pub number: i64,
    /// Their minutes, without travel.
    pub minutes: i64,
    /// Their minutes of travel.
    pub travel_minutes: i64,
}

/// Attendances of a kind of participant.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Attendances {
    /// What they are.
    pub kind: ParticipantType,
    /// How many: someone met twice counts twice.
    pub number: i64,
}

/// Placements that began in the period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlacementFigures {
    /// How many.
    pub started: i64,
    /// Their distinct children.
    pub children: i64,
}

/// The active file against what Cnaf recommends.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActiveFile {
    /// Distinct children accompanied in the period. Never the sum of shorter periods.
    pub children: i64,
    /// Full-time equivalents of the counted positions, averaged over the period, in hundredths.
    pub counted_fte_hundredths: i64,
    /// Children per full-time equivalent, to two decimals; null without a counted position.
    #[schema(required = true)]
    pub children_per_fte: Option<f64>,
    /// Children per full-time equivalent and year that Cnaf recommends at least.
    pub recommended_per_fte_per_year: i64,
    /// Whether it is reached. Null unless the period is a year of twelve whole months that is over, and
    /// a position is counted: distinct children are not additive over periods, so the rate of a shorter or
    /// longer period does not compare with a yearly recommendation.
    #[schema(required = true)]
    pub reached: Option<bool>,
}
