//! Requests and responses about the lending figures.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs};
use crate::figures::FigureDefinition;
use crate::lending::reservations::model::BorrowerKind;
use crate::territories::CommuneCode;

/// The period of the figures.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct KitFiguresPeriod {
    /// First day.
    #[param(example = "2026-01-01")]
    pub from: NaiveDate,
    /// Last day, inclusive. The period is at most five years.
    #[param(example = "2026-12-31")]
    pub to: NaiveDate,
}

/// The lending figures of a service for a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "from": "2026-01-01", "to": "2026-12-31",
    "read_at": "2027-01-04T08:15:00.000000Z", "definition_version": "2026.1",
    "loans": 41, "days_out": 861, "late_returns": 5, "refusals": 6, "waits_without_copy": 2,
    "by_kit": [{
        "kit_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d10", "title_fr": "Sensorielle", "copies": 2, "loans": 9, "days_out": 189,
        "loans_per_copy": 4.5, "refusals": 3, "waits_without_copy": 1
    }],
    "by_borrower_kind": [
        {"borrower_kind": "household", "loans": 25}, {"borrower_kind": "professional", "loans": 6},
        {"borrower_kind": "organisation", "loans": 10}
    ],
    "by_commune": [
        {"commune_code": "63032", "commune_name": "Beaumont", "loans": 7},
        {"commune_code": "63300", "commune_name": "Riom", "loans": 34}
    ],
    "definitions": [{
        "figure": "/loans", "fr": "Prêts dont la remise est dans la période.",
        "en": "Loans whose hand-out is in the period."
    }]
}))]
pub struct KitFigures {
    /// The service.
    pub service_id: Id,
    /// First day.
    pub from: NaiveDate,
    /// Last day, inclusive.
    pub to: NaiveDate,
    /// When the figures were computed. They are live.
    pub read_at: UtcTs,
    /// Version of the definitions. Do not compare figures of different versions.
    pub definition_version: &'static str,
    /// Number of loans.
    pub loans: i64,
    /// Days on loan, summed over the copies.
    pub days_out: i64,
    /// Number of loans that were returned late.
    pub late_returns: i64,
    /// Number of requests declined because no copy was free.
    pub refusals: i64,
    /// Number of waits that ended without a copy.
    pub waits_without_copy: i64,
    /// Figures per kit, by title. Every kit of the catalogue is listed, even without loans.
    pub by_kit: Vec<KitFigure>,
    /// Loans per kind of borrower. Every kind is listed, even without loans.
    pub by_borrower_kind: Vec<BorrowerKindFigure>,
    /// Loans per commune of the borrower, by code. A commune that is not listed has no loan.
    pub by_commune: Vec<CommuneFigure>,
    /// The definition of each figure.
    pub definitions: Vec<FigureDefinition>,
}

/// The figures of a kit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KitFigure {
    /// The kit.
    pub kit_id: Id,
    /// Its title in French.
    pub title_fr: String,
    /// Number of copies in service now.
    pub copies: i64,
    /// Number of loans.
    pub loans: i64,
    /// Days on loan, summed over its copies.
    pub days_out: i64,
    /// Loans per copy in service now, rounded to two decimals; null if no copy is in service.
    pub loans_per_copy: Option<f64>,
    /// Number of requests declined because no copy was free.
    pub refusals: i64,
    /// Number of waits that ended without a copy.
    pub waits_without_copy: i64,
}

/// The loans of one kind of borrower.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BorrowerKindFigure {
    /// Kind of borrower.
    pub borrower_kind: BorrowerKind,
    /// Number of loans.
    pub loans: i64,
}

/// The loans of the borrowers of one commune.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommuneFigure {
    /// INSEE code of the commune.
    pub commune_code: CommuneCode,
    /// Name of the commune.
    pub commune_name: Option<&'static str>,
    /// Number of loans.
    pub loans: i64,
}
