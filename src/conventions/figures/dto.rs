//! Figures of conventions in the contract.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Id, UtcTs};
use crate::figures::FigureDefinition;

/// The conventions of a service in a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "year": 2026, "on": "2026-12-31",
    "read_at": "2027-01-04T08:15:00.000000Z", "definition_version": "2026.1", "conventions": 12, "epci": 6, "communes": 6,
    "contributions_cents": 7_947_625, "received_cents": 7_200_000, "covered_communes": 184, "doubly_covered_communes": 0,
    "communes_of_the_service": 464, "covered_population": 227_075, "population_of_the_service": 662_285,
    "communes_without_population": 0, "definitions": [{
        "figure": "/conventions", "fr": "Conventions signées en vigueur ce jour.", "en": "Signed conventions that hold on the day."
    }]
}))]
pub struct ConventionFigures {
    /// The service.
    pub service_id: Id,
    /// The calendar year.
    pub year: i32,
    /// The day that coverage is told for: the last day of the year, or today when it is not over.
    pub on: NaiveDate,
    /// When it was read: the figures are live.
    pub read_at: UtcTs,
    /// Version of the definitions. Figures of two versions are not compared.
    pub definition_version: &'static str,
    /// Conventions that hold on the day.
    pub conventions: i64,
    /// Those with an EPCI.
    pub epci: i64,
    /// Those with a commune.
    pub communes: i64,
    /// What is due for the year, in cents.
    pub contributions_cents: i64,
    /// What was received of it, in cents.
    pub received_cents: i64,
    /// Communes of the service's departements that are covered on the day.
    pub covered_communes: i64,
    /// Those that are covered twice: each counts once everywhere.
    pub doubly_covered_communes: i64,
    /// All communes of the service's departements.
    pub communes_of_the_service: i64,
    /// Municipal population of the covered communes.
    pub covered_population: i64,
    /// Municipal population of the service's departements.
    pub population_of_the_service: i64,
    /// Communes whose population is not published: they count nothing above.
    pub communes_without_population: i64,
    /// What each figure counts.
    pub definitions: Vec<FigureDefinition>,
}
