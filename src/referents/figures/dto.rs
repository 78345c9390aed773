//! Figures of the network in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs};
use crate::figures::FigureDefinition;
use crate::nomenclatures::codes::ReferentDepartureReason;
use crate::referents::model::Standing;

/// The period of the figures.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct ReferentFiguresPeriod {
    /// First day.
    #[param(example = "2026-01-01")]
    pub from: NaiveDate,
    /// Last day, included. At most five years after the first.
    #[param(example = "2026-12-31")]
    pub to: NaiveDate,
}

/// Figures of the network of referents over a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "from": "2025-01-01", "to": "2025-12-31",
    "read_at": "2026-01-05T08:15:00.000000Z", "definition_version": "2026.1", "at_start": 18, "appointed": 6, "left": 4,
    "at_end": 20, "turnover_percent": 21.05, "standing_on": "2025-12-31",
    "by_standing": [
        {"standing": "in_training", "referents": 3}, {"standing": "certified", "referents": 5},
        {"standing": "in_order", "referents": 10}, {"standing": "lapsed", "referents": 2}
    ],
    "left_by_reason": [{"reason": "left_structure", "referents": 3}, {"reason": "retired", "referents": 1}],
    "definitions": [{
        "figure": "/appointed", "fr": "Référentes et référents dont le premier jour dans le réseau est dans la période.",
        "en": "Referents whose first day in the network is in the period."
    }]
}))]
pub struct ReferentFigures {
    /// The service.
    pub service_id: Id,
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// When the figures were computed: they are live.
    pub read_at: UtcTs,
    /// Version of the definitions. Do not compare figures of different versions.
    pub definition_version: &'static str,
    /// Number of referents at the start of the period.
    pub at_start: i64,
    /// Number of referents appointed.
    pub appointed: i64,
    /// Number of referents who left.
    pub left: i64,
    /// Number of referents at the end of the period: `at_start` plus `appointed` minus `left`.
    pub at_end: i64,
    /// Departures as a percentage of the average number of referents, to two decimals; null if the average is zero.
    pub turnover_percent: Option<f64>,
    /// Day of `by_standing`: the last day of the period, or today if the period has not ended.
    pub standing_on: NaiveDate,
    /// Number of referents in the network per standing. Every standing is listed, zero included.
    pub by_standing: Vec<StandingFigure>,
    /// Departures per reason. A reason that is not listed counts zero.
    pub left_by_reason: Vec<DepartureFigure>,
    /// What each figure counts.
    pub definitions: Vec<FigureDefinition>,
}

/// Number of referents with a standing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StandingFigure {
    /// Standing.
    pub standing: Standing,
    /// Number of referents.
    pub referents: i64,
}

/// Number of referents who left for a reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DepartureFigure {
    /// Reason of the departure.
    pub reason: ReferentDepartureReason,
    /// Number of referents.
    pub referents: i64,
}
