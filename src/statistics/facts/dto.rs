//! Facts in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::store::FactRow;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::http::reply::Located;
use crate::statistics::records::model::PopulationCode;

/// What a figure is about in one dimension.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"dimension": "territory", "value": "commune:63284"}))]
pub struct StatisticsCoordinate {
    /// The code of the dimension.
    #[schema(min_length = 1, max_length = 80, pattern = "^[a-z][a-z0-9_]*$")]
    pub dimension: String,
    /// The code of the value: of a list, `commune:63300`, `epci:246300701`.
    #[schema(min_length = 1, max_length = 80, pattern = "^[a-zA-Z0-9_:-]+$")]
    pub value: String,
}

/// A figure that was made public elsewhere.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "population": "children", "year": 2025, "period": "2025-S1", "coordinates": [{"dimension": "territory", "value": "commune:63284"}],
    "value": 1, "source": "Procès-verbal du conseil communautaire du 12 septembre 2025", "published_on": "2025-09-12"
}))]
pub struct NewStatisticsFact {
    /// What it counts.
    pub population: PopulationCode,
    /// The calendar year.
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    /// The period of that year: a quarter (`2025-Q1`), the first half (`2025-S1`), the first nine months (`2025-M9`) or the
    /// year (`2025`).
    #[schema(min_length = 4, max_length = 7, pattern = "^[0-9]{4}(-(Q[1-4]|S1|M9))?$")]
    pub period: String,
    /// Of whom: a value for each dimension that it is about, and nothing for the total.
    #[serde(default)]
    #[schema(required = false, max_items = 4)]
    pub coordinates: Vec<StatisticsCoordinate>,
    /// The figure.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub value: i32,
    /// Where it was made public.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S")]
    pub source: String,
    /// When it was made public.
    pub published_on: NaiveDate,
}

/// A figure that was made public elsewhere, and that the protection reckons with.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f10", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "population": "children", "year": 2025, "period": "2025-S1", "coordinates": [{"dimension": "territory", "value": "commune:63284"}],
    "value": 1, "source": "Procès-verbal du conseil communautaire du 12 septembre 2025", "published_on": "2025-09-12",
    "used_at": null, "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d01", "version": 1,
    "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct StatisticsFact {
    /// Identifier.
    pub id: Id,
    /// The service whose figure it is.
    pub service_id: Id,
    /// What it counts.
    pub population: PopulationCode,
    /// The calendar year.
    pub year: i32,
    /// The period of that year.
    pub period: String,
    /// Of whom: a value for each dimension that it is about.
    pub coordinates: Vec<StatisticsCoordinate>,
    /// The figure.
    pub value: i32,
    /// Where it was made public.
    pub source: String,
    /// When it was made public.
    pub published_on: NaiveDate,
    /// When a release first reckoned with it; null while it can be deleted.
    #[schema(required = true)]
    pub used_at: Option<UtcTs>,
    /// Who recorded it.
    pub author: String,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl From<FactRow> for StatisticsFact {
    fn from(row: FactRow) -> Self {
        Self {
            coordinates: row.coordinates(),
            id: row.id,
            service_id: row.service_id,
            population: row.population,
            year: row.year,
            period: row.period,
            value: row.value,
            source: row.source,
            published_on: row.published_on,
            used_at: row.used_at,
            author: row.author,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(StatisticsFact);

impl Located for StatisticsFact {
    fn location(&self) -> String {
        format!("/v1/statistics-facts/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::page! {
    /// A page of facts.
    StatisticsFactPage of StatisticsFact
}

text_enum! {
    /// Order of the list of facts.
    pub enum StatisticsFactSort {
        /// Made public last first.
        PublishedOnDesc = "-published_on",
        /// Made public first first.
        PublishedOn = "published_on",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
    }
}

/// Which facts; every condition that is given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct StatisticsFactFilter {
    /// Of this calendar year.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
    /// Of this population.
    pub population: Option<PopulationCode>,
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Order, made public last first unless said.
    pub sort: Option<StatisticsFactSort>,
}

impl QueryParams for StatisticsFactFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<PopulationCode>();
        description.reference::<UtcTs>();
        description.reference::<StatisticsFactSort>();
    }
}
