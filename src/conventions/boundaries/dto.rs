//! Boundary changes in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::store::BoundaryChangeRow;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::http::reply::Located;
use crate::territories::{CommuneCode, EpciCode};

/// A boundary change to be recorded.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "commune_code": "63300", "effective_on": "2027-01-01",
    "from_epci": "200070753", "to_epci": "246300701", "source": "Arrêté préfectoral du 15 octobre 2026"
}))]
pub struct NewBoundaryChange {
    /// The service that records it.
    pub service_id: Id,
    /// The commune, by INSEE code.
    pub commune_code: CommuneCode,
    /// The first day of the new membership.
    pub effective_on: NaiveDate,
    /// The EPCI that it leaves, by SIREN: where it is the day before. Absent when it was in none.
    pub from_epci: Option<EpciCode>,
    /// The EPCI that it enters, by SIREN. Absent when it enters none.
    pub to_epci: Option<EpciCode>,
    /// The text that decides it.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S")]
    pub source: String,
}

/// A commune that changes EPCI.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e50", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "commune_code": "63300", "effective_on": "2027-01-01", "from_epci": "200070753", "to_epci": "246300701",
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
    /// The first day of the new membership.
    pub effective_on: NaiveDate,
    /// The EPCI that it leaves; null when it was in none.
    #[schema(required = true)]
    pub from_epci: Option<EpciCode>,
    /// The EPCI that it enters; null when it enters none.
    #[schema(required = true)]
    pub to_epci: Option<EpciCode>,
    /// The text that decides it.
    pub source: String,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl From<BoundaryChangeRow> for BoundaryChange {
    fn from(row: BoundaryChangeRow) -> Self {
        Self {
            id: row.id,
            service_id: row.service_id,
            commune_code: row.commune_code,
            effective_on: row.effective_on,
            from_epci: row.from_epci,
            to_epci: row.to_epci,
            source: row.source,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(BoundaryChange);

impl Located for BoundaryChange {
    fn location(&self) -> String {
        format!("/v1/boundary-changes/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::page! {
    /// A page of boundary changes.
    BoundaryChangePage of BoundaryChange
}

text_enum! {
    /// Order of the list of boundary changes.
    pub enum BoundaryChangeSort {
        /// The latest first.
        EffectiveOnDesc = "-effective_on",
        /// The earliest first.
        EffectiveOn = "effective_on",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
    }
}

/// Which boundary changes; every condition that is given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct BoundaryChangeFilter {
    /// Of this service; of every service that the token may see when absent.
    pub service_id: Option<Id>,
    /// Of this commune.
    pub commune: Option<CommuneCode>,
    /// From or to this EPCI.
    pub epci: Option<EpciCode>,
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Order, the latest first unless said.
    pub sort: Option<BoundaryChangeSort>,
}

impl QueryParams for BoundaryChangeFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<CommuneCode>();
        description.reference::<EpciCode>();
        description.reference::<UtcTs>();
        description.reference::<BoundaryChangeSort>();
    }
}
