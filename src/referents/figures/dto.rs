//! Figures of the network in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs};
use crate::figures::FigureDefinition;
use crate::http::page::QueryParams;
use crate::nomenclatures::codes::ReferentDepartureReason;
use crate::referents::model::Standing;

/// Which period.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ReferentFiguresPeriod {
    /// First day.
    #[param(example = "2026-01-01")]
    pub from: NaiveDate,
    /// Last day, included. At most five years after the first.
    #[param(example = "2026-12-31")]
    pub to: NaiveDate,
}

impl QueryParams for ReferentFiguresPeriod {}

/// What became of the network in a period.
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
        "figure": "/appointed", "fr": "Référents dont le premier jour dans le réseau est dans la période.",
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
    /// When it was read: the figures are live.
    pub read_at: UtcTs,
    /// Version of the definitions. Figures of two versions are not compared.
    pub definition_version: &'static str,
    /// Referents when the period begins.
    pub at_start: i64,
    /// Referents who came.
    pub appointed: i64,
    /// Referents who left.
    pub left: i64,
    /// Referents when the period has ended: those at its start and those who came, but for those who left.
    pub at_end: i64,
    /// Those who left per hundred of the average number, to two decimals; null when that is zero.
    #[schema(required = true)]
    pub turnover_percent: Option<f64>,
    /// The day of `by_standing`: the last of the period, or today when it has not ended.
    pub standing_on: NaiveDate,
    /// Referents who have not left, by where they stand: every standing, zero included.
    pub by_standing: Vec<StandingFigure>,
    /// Who left, by reason; one that is absent counts zero.
    pub left_by_reason: Vec<DepartureFigure>,
    /// What each figure counts.
    pub definitions: Vec<FigureDefinition>,
}

/// Referents who stand so.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StandingFigure {
    /// Where they stand.
    pub standing: Standing,
    /// Referents.
    pub referents: i64,
}

/// Referents who left for a reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DepartureFigure {
    /// Why.
    pub reason: ReferentDepartureReason,
    /// Referents.
    pub referents: i64,
}
