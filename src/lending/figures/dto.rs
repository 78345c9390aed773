//! Figures of lending in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs};
use crate::figures::FigureDefinition;
use crate::http::page::QueryParams;
use crate::lending::reservations::model::BorrowerKind;
use crate::territories::CommuneCode;

/// Which period.
#[derive(Debug, Deserialize, IntoParams)]
pub struct KitFiguresPeriod {
    /// First day.
    #[param(example = "2026-01-01")]
    pub from: NaiveDate,
    /// Last day, included. At most five years after the first.
    #[param(example = "2026-12-31")]
    pub to: NaiveDate,
}

impl QueryParams for KitFiguresPeriod {}

/// What a service lent in a period.
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
    "by_commune": [{"commune_code": "63032", "loans": 7}, {"commune_code": "63300", "loans": 34}],
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
    /// Last day, included.
    pub to: NaiveDate,
    /// When it was read: the figures are live.
    pub read_at: UtcTs,
    /// Version of the definitions. Figures of two versions are not compared.
    pub definition_version: &'static str,
    /// Loans.
    pub loans: i64,
    /// Days on which copies were out, added up.
    pub days_out: i64,
    /// Loans that came back late.
    pub late_returns: i64,
    /// Requests declined for lack of a copy.
    pub refusals: i64,
    /// Waits that ended without a copy.
    pub waits_without_copy: i64,
    /// Kit by kit, by title: every kit of the catalogue, zero included.
    pub by_kit: Vec<KitFigure>,
    /// Loans by kind of borrower: every kind, zero included.
    pub by_borrower_kind: Vec<BorrowerKindFigure>,
    /// Loans by the commune of the borrower, by code; one that is absent counts zero.
    pub by_commune: Vec<CommuneFigure>,
    /// What each figure counts.
    pub definitions: Vec<FigureDefinition>,
}

/// The figures of a kit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KitFigure {
    /// The kit.
    pub kit_id: Id,
    /// Its title in French.
    pub title_fr: String,
    /// Its copies in service now.
    pub copies: i64,
    /// Loans.
    pub loans: i64,
    /// Days on which its copies were out, added up.
    pub days_out: i64,
    /// Turnover: loans per copy in service now, to two decimals; null without a copy.
    #[schema(required = true)]
    pub loans_per_copy: Option<f64>,
    /// Requests declined for lack of a copy: what to buy.
    pub refusals: i64,
    /// Waits that ended without a copy.
    pub waits_without_copy: i64,
}

/// Loans to a kind of borrower.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BorrowerKindFigure {
    /// Who borrowed.
    pub borrower_kind: BorrowerKind,
    /// Loans.
    pub loans: i64,
}

/// Loans to borrowers of a commune.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommuneFigure {
    /// INSEE code of the commune.
    pub commune_code: CommuneCode,
    /// Loans.
    pub loans: i64,
}
