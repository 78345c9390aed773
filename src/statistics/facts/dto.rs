//! Facts in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::db::{Id, UtcTs, text_enum};
use crate::naming::model::{Named, Names};
use crate::statistics::records::model::PopulationCode;

/// A restriction of a figure: one value of one dimension.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"dimension": "territory", "value": "commune:63284"}))]
pub struct StatisticsCoordinate {
    /// The code of the dimension.
    #[schema(min_length = 1, max_length = 80, pattern = "^[a-z][a-z0-9_]*$")]
    pub dimension: String,
    /// The code of the value: a code of a list, or a territory such as `commune:63300` or `epci:246300701`.
    #[schema(min_length = 1, max_length = 80, pattern = "^[a-zA-Z0-9_:-]+$")]
    pub value: String,
}

/// A figure made public elsewhere, to be recorded: what it counts and where it is public. The figure itself is not asked.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "population": "children", "year": 2025, "period": "2025-S1", "coordinates": [{"dimension": "territory", "value": "commune:63284"}],
    "source": "Procès-verbal du conseil communautaire", "reference": "Délibération n° 2025-09-114, page 12", "published_on": "2025-09-12"
}))]
pub struct StatisticsFactInput {
    /// The population that it counts.
    pub population: PopulationCode,
    /// The calendar year.
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    /// The period of that year: a quarter (`2025-Q1`), the first half (`2025-S1`), the first nine months (`2025-M9`)
    /// or the year (`2025`).
    #[schema(min_length = 4, max_length = 7, pattern = "^[0-9]{4}(-(Q[1-4]|S1|M9))?$")]
    pub period: String,
    /// What it is restricted to: one value per dimension. Empty for the total.
    #[serde(default)]
    #[schema(required = false, max_items = 4)]
    pub coordinates: Vec<StatisticsCoordinate>,
    /// The document that makes it public.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S")]
    pub source: String,
    /// Where to find it: the number of the document and the page, or an address.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S")]
    pub reference: String,
    /// When it was made public.
    pub published_on: NaiveDate,
}

/// A figure made public elsewhere. The protection takes it into account: readers are taken to know the true count.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f10", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "population": "children", "year": 2025, "period": "2025-S1", "coordinates": [{"dimension": "territory", "value": "commune:63284"}],
    "source": "Procès-verbal du conseil communautaire", "reference": "Délibération n° 2025-09-114, page 12", "published_on": "2025-09-12",
    "confirmed_by": null, "confirmed_by_name": null, "confirmed_at": null, "counts_from": null, "used_at": null, "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d01", "author_name": "Dominique Exemple", "version": 1,
    "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct StatisticsFact {
    /// Identifier.
    pub id: Id,
    /// The service whose figure it is.
    pub service_id: Id,
    /// The population that it counts.
    pub population: PopulationCode,
    /// The calendar year.
    pub year: i32,
    /// The period of that year.
    pub period: String,
    /// What it is restricted to: one value per dimension. Empty for the total.
    pub coordinates: Vec<StatisticsCoordinate>,
    /// The document that makes it public.
    pub source: String,
    /// Where to find it.
    pub reference: String,
    /// When it was made public.
    pub published_on: NaiveDate,
    /// Who confirmed it; null while it waits for a second person.
    pub confirmed_by: Option<String>,
    /// Their name; null for API clients.
    pub confirmed_by_name: Option<String>,
    /// When it was confirmed.
    pub confirmed_at: Option<UtcTs>,
    /// From when on builds take it into account: a week after its confirmation. Null while it is not confirmed.
    pub counts_from: Option<UtcTs>,
    /// When a release first took it into account; null until then. It can be deleted only while this is null.
    pub used_at: Option<UtcTs>,
    /// Who recorded it.
    pub author: String,
    /// Name of who recorded it; null for API clients.
    pub author_name: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl Named for StatisticsFact {
    fn show_names(&mut self, names: &mut Names) {
        names.author(Some(&self.author), &mut self.author_name);
        names.author(self.confirmed_by.as_deref(), &mut self.confirmed_by_name);
    }
}

crate::resource!(StatisticsFact at "/v1/statistics-facts/");

crate::page! {
    /// A page of facts.
    StatisticsFactPage of StatisticsFact
}

text_enum! {
    /// Order of the list of facts.
    pub enum StatisticsFactSort {
        /// Most recently made public first.
        PublishedOnDesc = "-published_on",
        /// Least recently made public first.
        PublishedOn = "published_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: to pull changes, with `updated_since`.
        UpdatedAt = "updated_at",
    }
}

/// Filters of the list of facts. All given filters apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct StatisticsFactFilter {
    /// Of this calendar year.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
    /// Of this population.
    pub population: Option<PopulationCode>,
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Sort order; most recently made public first by default.
    pub sort: Option<StatisticsFactSort>,
}
