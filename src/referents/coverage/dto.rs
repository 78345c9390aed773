//! Coverage in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs};
use crate::figures::FigureDefinition;
use crate::nomenclatures::codes::OrganisationKind;
use crate::territories::CommuneCode;

/// The day of the figures.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct ReferentCoverageDay {
    /// The day, not in the future. Default: today.
    #[param(example = "2026-03-02")]
    pub on: Option<NaiveDate>,
}

/// Coverage of structures and communes by certified referents on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "on": "2026-03-02", "read_at": "2026-03-02T08:15:00.000000Z",
    "definition_version": "2026.1", "organisation_kinds": ["eaje", "rpe"], "structures": 3, "structures_covered": 1,
    "referents": 2, "communes": 2, "communes_covered": 1, "population_covered": 4639, "communes_without_population": [],
    "by_commune": [
        {"commune_code": "63032", "name": "Beaumont", "structures": 2, "structures_covered": 1, "referents": 2, "population": 10610},
        {"commune_code": "63300", "name": "Riom", "structures": 1, "structures_covered": 0, "referents": 0, "population": 19011}
    ],
    "definitions": [{
        "figure": "/structures_covered", "fr": "Structures ayant au moins une personne référente certifiée ou à jour.",
        "en": "Structures with at least one referent who is certified or in order."
    }]
}))]
pub struct ReferentCoverage {
    /// The service.
    pub service_id: Id,
    /// The day.
    pub on: NaiveDate,
    /// When the figures were computed: they are live.
    pub read_at: UtcTs,
    /// Version of the definitions. Do not compare figures of different versions.
    pub definition_version: &'static str,
    /// Kinds of organisations that count as structures.
    pub organisation_kinds: Vec<OrganisationKind>,
    /// Structures of the directory.
    pub structures: i64,
    /// Structures with at least one certified referent.
    pub structures_covered: i64,
    /// Certified referents of these structures.
    pub referents: i64,
    /// Communes with at least one structure.
    pub communes: i64,
    /// Communes with at least one certified referent.
    pub communes_covered: i64,
    /// Population of the communes covered; null, which is not zero, if the population of one of them is not published.
    pub population_covered: Option<i64>,
    /// Communes covered whose population is not published.
    pub communes_without_population: Vec<CommuneCode>,
    /// Figures per commune, for every commune with a structure, ordered by code.
    pub by_commune: Vec<CoverageOfCommune>,
    /// What each figure counts.
    pub definitions: Vec<FigureDefinition>,
}

/// Coverage of a commune by certified referents.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CoverageOfCommune {
    /// INSEE code.
    pub commune_code: CommuneCode,
    /// Name.
    pub name: String,
    /// Structures of the directory.
    pub structures: i64,
    /// Structures with at least one certified referent.
    pub structures_covered: i64,
    /// Certified referents of these structures.
    pub referents: i64,
    /// Municipal population; null if it is not published.
    pub population: Option<i64>,
}
