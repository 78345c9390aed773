//! Which builds and which releases a list is asked for, and in which order.

use serde::Deserialize;
use utoipa::IntoParams;

use super::super::model::{BuildStatus, TierCode};
use crate::db::{Id, UtcTs, text_enum};
use crate::http::description::Description;
use crate::http::page::QueryParams;

text_enum! {
    /// Order of the list of builds.
    pub enum BuildSort {
        /// The latest first.
        CreatedAtDesc = "-created_at",
        /// The first first.
        CreatedAt = "created_at",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
    }
}

/// Which builds; every condition that is given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct StatisticsBuildFilter {
    /// Of this calendar year.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
    /// In this state.
    pub status: Option<BuildStatus>,
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Order, the latest first unless said.
    pub sort: Option<BuildSort>,
}

impl QueryParams for StatisticsBuildFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<BuildStatus>();
        description.reference::<UtcTs>();
        description.reference::<BuildSort>();
    }
}

/// Of which tier.
#[derive(Clone, Debug, Deserialize, IntoParams)]
pub struct StatisticsTier {
    /// Who would read it.
    pub tier: TierCode,
}

impl QueryParams for StatisticsTier {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<TierCode>();
    }
}

text_enum! {
    /// Order of the catalogue.
    pub enum ReleaseSort {
        /// The latest first.
        PublishedAtDesc = "-published_at",
        /// The first first: to pull what is new, with `updated_since`.
        PublishedAt = "published_at",
    }
}

/// Which releases; every condition that is given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct StatisticsReleaseFilter {
    /// Of this service. Releases of the sandbox, `00000000-0000-8000-8000-73616e64626f`, are shown only when it is named.
    pub service_id: Option<Id>,
    /// Of this calendar year.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
    /// Up to this quarter.
    #[param(minimum = 1, maximum = 4, example = 4)]
    pub quarter: Option<i32>,
    /// Of this tier.
    pub tier: Option<TierCode>,
    /// Published at this instant or later, or replaced since by a release that was: to pull what is new and what it replaces. Published
    /// releases never change otherwise.
    pub updated_since: Option<UtcTs>,
    /// Order, the latest first unless said.
    pub sort: Option<ReleaseSort>,
}

impl QueryParams for StatisticsReleaseFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<TierCode>();
        description.reference::<UtcTs>();
        description.reference::<ReleaseSort>();
    }
}

/// Which open releases; every condition that is given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct OpenStatisticsReleaseFilter {
    /// Of this service. Releases of the sandbox, `00000000-0000-8000-8000-73616e64626f`, are shown only when it is named.
    pub service_id: Option<Id>,
    /// Of this calendar year.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
    /// Up to this quarter.
    #[param(minimum = 1, maximum = 4, example = 4)]
    pub quarter: Option<i32>,
    /// Published at this instant or later, or replaced since by a release that was: to pull what is new and what it replaces. Published
    /// releases never change otherwise.
    pub updated_since: Option<UtcTs>,
    /// Order, the latest first unless said.
    pub sort: Option<ReleaseSort>,
}

impl From<OpenStatisticsReleaseFilter> for StatisticsReleaseFilter {
    fn from(filter: OpenStatisticsReleaseFilter) -> Self {
        let OpenStatisticsReleaseFilter { service_id, year, quarter, updated_since, sort } = filter;
        Self { service_id, year, quarter, tier: None, updated_since, sort }
    }
}

impl QueryParams for OpenStatisticsReleaseFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<UtcTs>();
        description.reference::<ReleaseSort>();
    }
}
