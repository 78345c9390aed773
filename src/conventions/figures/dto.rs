//! Figures of conventions as the contract describes them.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Id, UtcTs};
use crate::figures::FigureDefinition;

/// Figures of the conventions of a service in a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "year": 2026, "on": "2026-12-31",
    "read_at": "2027-01-04T08:15:00.000000Z", "definition_version": "2026.1", "conventions": 12, "epci": 6, "communes": 6,
    "contributions_cents": 7_947_625, "received_cents": 7_200_000, "covered_communes": 184, "doubly_covered_communes": 0,
    "communes_of_the_service": 464, "covered_population": 227_075, "population_of_the_service": 662_285,
    "communes_without_population": 0, "definitions": [{
        "figure": "/conventions", "fr": "Conventions signées en vigueur à cette date.", "en": "Signed conventions in effect on the day."
    }]
}))]
pub struct ConventionFigures {
    /// The service.
    pub service_id: Id,
    /// The calendar year.
    pub year: i32,
    /// The day on which coverage is measured: the last day of the year, or today if the year is not over.
    pub on: NaiveDate,
    /// When the figures were read. They are live.
    pub read_at: UtcTs,
    /// Version of the definitions. Figures of different versions are not comparable.
    pub definition_version: &'static str,
    /// Conventions in effect on the day.
    pub conventions: i64,
    /// Of these, those with an EPCI.
    pub epci: i64,
    /// Of these, those with a commune.
    pub communes: i64,
    /// Amount due for the year, net of waivers, in cents.
    pub contributions_cents: i64,
    /// Amount received of it, in cents.
    pub received_cents: i64,
    /// Communes of the service's departements covered on the day.
    pub covered_communes: i64,
    /// Of these, those covered by both their own convention and their EPCI's. Each counts once in every figure.
    pub doubly_covered_communes: i64,
    /// All communes of the service's departements.
    pub communes_of_the_service: i64,
    /// Municipal population of the covered communes.
    pub covered_population: i64,
    /// Municipal population of the service's departements.
    pub population_of_the_service: i64,
    /// Communes whose population is not published. They add nothing to the population figures.
    pub communes_without_population: i64,
    /// The definition of each figure.
    pub definitions: Vec<FigureDefinition>,
}
