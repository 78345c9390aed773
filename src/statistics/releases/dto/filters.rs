//! Filters and sort orders of the lists of builds and releases.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::super::model::{BuildStatus, TierCode};
use crate::db::{Id, UtcTs, text_enum};

text_enum! {
    /// Order of the list of builds.
    pub enum BuildSort {
        /// Newest first.
        CreatedAtDesc = "-created_at",
        /// Oldest first.
        CreatedAt = "created_at",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: to pull changes, with `updated_since`.
        UpdatedAt = "updated_at",
    }
}

/// Filters of the list of builds. All given filters apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct StatisticsBuildFilter {
    /// Of this calendar year.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
    /// In this state.
    pub status: Option<BuildStatus>,
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Sort order; newest first by default.
    pub sort: Option<BuildSort>,
}

/// The tier of a preview.
#[derive(Clone, Debug, Deserialize, IntoParams, ToSchema)]
pub struct StatisticsTier {
    /// Who would be allowed to read the release.
    pub tier: TierCode,
}

text_enum! {
    /// Order of the catalogue.
    pub enum ReleaseSort {
        /// Newest first.
        PublishedAtDesc = "-published_at",
        /// Oldest first: to pull new releases, with `updated_since`.
        PublishedAt = "published_at",
    }
}

/// Filters of the catalogue of releases. All given filters apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct StatisticsReleaseFilter {
    /// Of this service. Releases of the sandbox, `00000000-0000-8000-8000-73616e64626f`, are returned only with this
    /// filter.
    pub service_id: Option<Id>,
    /// Of this calendar year.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
    /// With this quarter as the last one covered.
    #[param(minimum = 1, maximum = 4, example = 4)]
    pub quarter: Option<i32>,
    /// Of this tier.
    pub tier: Option<TierCode>,
    /// Published at this instant or later, or replaced by a release published then: to pull new releases and those
    /// that they replace. A published release does not change otherwise.
    pub updated_since: Option<UtcTs>,
    /// Sort order; newest first by default.
    pub sort: Option<ReleaseSort>,
}

/// Filters of the catalogue of open releases. All given filters apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct OpenStatisticsReleaseFilter {
    /// Of this service. Releases of the sandbox, `00000000-0000-8000-8000-73616e64626f`, are returned only with this
    /// filter.
    pub service_id: Option<Id>,
    /// Of this calendar year.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
    /// With this quarter as the last one covered.
    #[param(minimum = 1, maximum = 4, example = 4)]
    pub quarter: Option<i32>,
    /// Published at this instant or later, or replaced by a release published then: to pull new releases and those
    /// that they replace. A published release does not change otherwise.
    pub updated_since: Option<UtcTs>,
    /// Sort order; newest first by default.
    pub sort: Option<ReleaseSort>,
}

impl From<OpenStatisticsReleaseFilter> for StatisticsReleaseFilter {
    fn from(filter: OpenStatisticsReleaseFilter) -> Self {
        let OpenStatisticsReleaseFilter { service_id, year, quarter, updated_since, sort } = filter;
        Self { service_id, year, quarter, tier: None, updated_since, sort }
    }
}
