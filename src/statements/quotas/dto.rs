//! Requests and responses about quotas.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::Id;
use crate::nomenclatures::codes::ComplementaryService;
use crate::territories::TerritoryKey;

/// The year of the quotas.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct QuotaFilter {
    /// The calendar year; the current one by default.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    pub year: Option<i32>,
}

/// A complementary service whose quota is used up.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "collectivity": "epci:200070753",
    "collectivity_name": "CA Riom Limagne et Volcans", "year": 2026, "complementary_service": "pedagogical_days",
    "yearly_quota": 2, "delivered": 1, "planned": 1, "exceeded": false
}))]
pub struct UsedUpQuota {
    /// The convention.
    pub convention_id: Id,
    /// The local authority.
    pub collectivity: TerritoryKey,
    /// Its official name.
    pub collectivity_name: String,
    /// The calendar year.
    pub year: i32,
    /// The complementary service.
    pub complementary_service: ComplementaryService,
    /// Actions per year, under the terms in effect at the end of the year.
    pub yearly_quota: i32,
    /// Actions held in the year.
    pub delivered: i64,
    /// Actions planned in the year.
    pub planned: i64,
    /// Whether the actions held and planned exceed the quota.
    pub exceeded: bool,
}

crate::page! {
    /// A page of used-up quotas.
    UsedUpQuotaPage of UsedUpQuota
}
