//! Boundary changes as the contract describes them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::db::{Id, UtcTs, text_enum};
use crate::territories::{CommuneCode, EpciCode};

/// A new boundary change.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "commune_code": "63300", "effective_on": "2027-01-01",
    "from_epci": "200070753", "to_epci": "246300701", "source": "Arrêté préfectoral du 15 octobre 2026"
}))]
pub struct BoundaryChangeInput {
    /// The service that records it.
    pub service_id: Id,
    /// The commune, by INSEE code.
    pub commune_code: CommuneCode,
    /// First day in the new EPCI.
    pub effective_on: NaiveDate,
    /// The EPCI that it leaves, by SIREN: its EPCI on the day before. Absent if it was in none.
    pub from_epci: Option<EpciCode>,
    /// The EPCI that it joins, by SIREN. Absent if it joins none.
    pub to_epci: Option<EpciCode>,
    /// The legal text that decides the change.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S")]
    pub source: String,
}

/// A change of EPCI of a commune.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e50", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "commune_code": "63300", "commune_name": "Riom", "effective_on": "2027-01-01", "from_epci": "200070753", "from_epci_name": null, "to_epci": "246300701", "to_epci_name": null,
    "source": "Arrêté préfectoral du 15 octobre 2026", "version": 1, "created_at": "2026-11-02T08:15:00.000000Z",
    "updated_at": "2026-11-02T08:15:00.000000Z"
}))]
pub struct BoundaryChange {
    /// Identifier.
    pub id: Id,
    /// The service that records it.
    pub service_id: Id,
    /// The commune, by INSEE code.
    pub commune_code: CommuneCode,
    /// Name of the commune.
    pub commune_name: Option<&'static str>,
    /// First day in the new EPCI.
    pub effective_on: NaiveDate,
    /// The EPCI that it leaves, by SIREN; null if it was in none.
    pub from_epci: Option<EpciCode>,
    /// Its name; null if it is in no EPCI, or if the EPCI is not on the map.
    pub from_epci_name: Option<&'static str>,
    /// The EPCI that it joins, by SIREN; null if it joins none.
    pub to_epci: Option<EpciCode>,
    /// Its name; null if it is in no EPCI, or if the EPCI is not on the map.
    pub to_epci_name: Option<&'static str>,
    /// The legal text that decides the change.
    pub source: String,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::resource!(BoundaryChange at "/v1/boundary-changes/");

crate::page! {
    /// A page of boundary changes.
    BoundaryChangePage of BoundaryChange
}

text_enum! {
    /// Sort order of the list of boundary changes.
    pub enum BoundaryChangeSort {
        /// Latest first.
        EffectiveOnDesc = "-effective_on",
        /// Earliest first.
        EffectiveOn = "effective_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters of the list of boundary changes; all of them apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct BoundaryChangeFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Only this service. By default, every service that the caller can access.
    pub service_id: Option<Id>,
    /// Only of this commune.
    pub commune: Option<CommuneCode>,
    /// Only from or to this EPCI.
    pub epci: Option<EpciCode>,
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: latest first.
    pub sort: Option<BoundaryChangeSort>,
}
