//! Coverage as the contract describes it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::CoveredThrough;
use crate::db::Id;
use crate::nomenclatures::codes::ComplementaryService;
use crate::territories::{CommuneCode, EpciCode, TerritoryKey};

/// The commune and the day.
#[derive(Clone, Debug, Deserialize, IntoParams, ToSchema)]
pub struct CoverageQuestion {
    /// The commune, by INSEE code.
    pub commune: CommuneCode,
    /// The day. Today by default.
    #[param(example = "2026-06-01")]
    pub on: Option<NaiveDate>,
    /// Only by this service. By default, by every service that the caller can access.
    pub service_id: Option<Id>,
}

/// Coverage of a commune on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "commune_code": "63300", "commune_name": "Riom", "on": "2026-06-01", "covered": true,
    "services": [{
        "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "on": "2026-06-01", "epci_code": "200070753", "epci_name": "CA Riom Limagne et Volcans", "covered": true,
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
    /// Name of the commune.
    pub commune_name: String,
    /// The requested day; by default today, where services in several time zones have two days the earlier one.
    pub on: NaiveDate,
    /// Whether at least one service has a convention that covers it.
    pub covered: bool,
    /// Coverage by each service.
    pub services: Vec<ServiceCoverage>,
}

/// Coverage of a commune by a service.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ServiceCoverage {
    /// The service.
    pub service_id: Id,
    /// The day: by default today in the service's time zone.
    pub on: NaiveDate,
    /// The EPCI of the commune on that day, given the boundary changes that the service recorded; null if it is in
    /// none.
    pub epci_code: Option<EpciCode>,
    /// Its name.
    pub epci_name: Option<&'static str>,
    /// Whether a convention covers it.
    pub covered: bool,
    /// Whether both its own convention and its EPCI's cover it. It still counts once.
    pub doubly_covered: bool,
    /// The conventions that cover it. The commune's own, which is the one that counts, comes first.
    pub by: Vec<CoveringConvention>,
}

/// A convention that covers a commune.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CoveringConvention {
    /// The convention.
    pub convention_id: Id,
    /// Whether the commune's own convention or its EPCI's.
    pub through: CoveredThrough,
    /// The local authority that signed it.
    pub collectivity: TerritoryKey,
    /// Its official name.
    pub collectivity_name: String,
    /// The complementary services that it gives access to on that day.
    pub complementary_services: Vec<ComplementaryService>,
}

/// Filters of the list of communes.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct CoveredCommuneFilter {
    /// Coverage on this day. Today by default.
    #[param(example = "2026-06-01")]
    pub on: Option<NaiveDate>,
    /// Only covered communes (`true`) or only communes not covered (`false`). All by default.
    pub covered: Option<bool>,
    /// Only communes in this EPCI on that day.
    pub epci: Option<EpciCode>,
}

/// A commune of the service's departements, with its coverage.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "commune_code": "63300", "commune_name": "Riom", "epci_code": "200070753", "epci_name": "Riom Limagne et Volcans", "covered": true, "doubly_covered": false,
    "through": "epci_convention", "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "collectivity_name": "CA Riom Limagne et Volcans", "municipal_population": 19_433
}))]
pub struct CoveredCommune {
    /// The commune.
    pub commune_code: CommuneCode,
    /// Name of the commune.
    pub commune_name: String,
    /// The EPCI of the commune on that day; null if it is in none.
    pub epci_code: Option<EpciCode>,
    /// Its name.
    pub epci_name: Option<&'static str>,
    /// Whether a convention covers it.
    pub covered: bool,
    /// Whether both its own convention and its EPCI's cover it. It still counts once.
    pub doubly_covered: bool,
    /// Whether its own convention or its EPCI's covers it; null if it is not covered.
    pub through: Option<CoveredThrough>,
    /// The convention that counts; null if it is not covered.
    pub convention_id: Option<Id>,
    /// Name of the local authority of that convention.
    pub collectivity_name: Option<String>,
    /// Municipal population on the embedded map; null if none is published.
    pub municipal_population: Option<i32>,
}

crate::page! {
    /// A page of communes with their coverage, in the order of INSEE codes.
    CoveredCommunePage of CoveredCommune
}
