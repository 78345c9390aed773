//! Coverage in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::CoveredThrough;
use crate::db::Id;
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::nomenclatures::codes::ComplementaryService;
use crate::territories::{CommuneCode, EpciCode, TerritoryKey};

/// Which commune, on which day.
#[derive(Clone, Debug, Deserialize, IntoParams)]
pub struct CoverageQuestion {
    /// The commune, by INSEE code.
    pub commune: CommuneCode,
    /// The day; today when absent.
    #[param(example = "2026-06-01")]
    pub on: Option<NaiveDate>,
    /// By this service; by every service that the token may see when absent.
    pub service_id: Option<Id>,
}

impl QueryParams for CoverageQuestion {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<CommuneCode>();
        description.reference::<Id>();
    }
}

/// Whether a commune is covered on a day, and by what.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "commune_code": "63300", "commune_name": "Riom", "on": "2026-06-01", "covered": true,
    "services": [{
        "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "epci_code": "200070753", "covered": true,
        "doubly_covered": false, "by": [{
            "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "through": "epci_convention",
            "collectivity": "epci:200070753", "collectivity_name": "CA Riom Limagne et Volcans",
            "complementary_services": ["childminder_awareness", "pedagogical_days"]
        }]
    }]
}))]
pub struct Coverage {
    /// The commune.
    pub commune_code: CommuneCode,
    /// Its name.
    pub commune_name: String,
    /// The day.
    pub on: NaiveDate,
    /// Whether some service has a convention that covers it.
    pub covered: bool,
    /// Service by service.
    pub services: Vec<ServiceCoverage>,
}

/// How a service covers a commune.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ServiceCoverage {
    /// The service.
    pub service_id: Id,
    /// The EPCI that the commune is in on that day, as the service knows it; null when it is in none.
    #[schema(required = true)]
    pub epci_code: Option<EpciCode>,
    /// Whether a convention covers it.
    pub covered: bool,
    /// Whether both its own convention and its EPCI's do: it counts once.
    pub doubly_covered: bool,
    /// By what: the commune's own convention first, which is the one that counts.
    pub by: Vec<CoveringConvention>,
}

/// A convention that covers a commune.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CoveringConvention {
    /// The convention.
    pub convention_id: Id,
    /// How it covers the commune.
    pub through: CoveredThrough,
    /// The collectivity that signed it.
    pub collectivity: TerritoryKey,
    /// Its official name.
    pub collectivity_name: String,
    /// The complementary services that it opens on that day.
    pub complementary_services: Vec<ComplementaryService>,
}

/// Which communes.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct CoveredCommuneFilter {
    /// On this day; today when absent.
    #[param(example = "2026-06-01")]
    pub on: Option<NaiveDate>,
    /// Those that are covered, or those that are not; all when absent.
    pub covered: Option<bool>,
    /// In this EPCI on that day.
    pub epci: Option<EpciCode>,
}

impl QueryParams for CoveredCommuneFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<EpciCode>();
    }
}

/// A commune of the service's departements, for a map.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "commune_code": "63300", "commune_name": "Riom", "epci_code": "200070753", "covered": true, "doubly_covered": false,
    "through": "epci_convention", "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "municipal_population": 19_433
}))]
pub struct CoveredCommune {
    /// The commune.
    pub commune_code: CommuneCode,
    /// Its name.
    pub commune_name: String,
    /// The EPCI that it is in on that day; null when it is in none.
    #[schema(required = true)]
    pub epci_code: Option<EpciCode>,
    /// Whether a convention covers it.
    pub covered: bool,
    /// Whether both its own convention and its EPCI's do: it counts once.
    pub doubly_covered: bool,
    /// How it is covered; null when it is not.
    #[schema(required = true)]
    pub through: Option<CoveredThrough>,
    /// The convention that counts; null when it is not covered.
    #[schema(required = true)]
    pub convention_id: Option<Id>,
    /// Its municipal population on the map; null when none is published.
    #[schema(required = true)]
    pub municipal_population: Option<i32>,
}

crate::page! {
    /// Communes with how they are covered, by INSEE code.
    CoveredCommunePage of CoveredCommune
}
