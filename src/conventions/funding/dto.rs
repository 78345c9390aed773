//! Funding in the contract.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::store::FundingRow;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::http::reply::Located;
use crate::nomenclatures::codes::Funder;

text_enum! {
    /// On what ground a funder gives.
    pub enum FundingBasis {
        /// A grant or a support.
        Grant = "grant",
        /// Conventions with collectivities.
        Convention = "convention",
    }
}

/// What a funder gives in a year, to be recorded.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "year": 2026, "funder": "caf", "basis": "grant",
    "share_basis_points": 8000, "planned_cents": 6_400_000
}))]
pub struct NewFunding {
    /// The service that is funded.
    pub service_id: Id,
    /// The calendar year.
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    /// Who gives: one line a funder and year.
    pub funder: Funder,
    /// On what ground.
    pub basis: FundingBasis,
    /// The share of the year that was agreed, in hundredths of a percent: 8000 is 80 %.
    #[schema(minimum = 0, maximum = 10_000)]
    pub share_basis_points: Option<i32>,
    /// Planned, in cents; unknown when absent.
    #[schema(minimum = 0, maximum = 100_000_000_000_i64)]
    pub planned_cents: Option<i64>,
    /// Received so far, in cents; unknown when absent.
    #[schema(minimum = 0, maximum = 100_000_000_000_i64)]
    pub received_cents: Option<i64>,
}

/// A correction of a funding, as a merge patch: what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"received_cents": 3_200_000}))]
pub struct FundingPatch {
    /// On what ground.
    #[serde(default)]
    #[schema(value_type = FundingBasis, required = false)]
    pub basis: Option<FundingBasis>,
    /// The share that was agreed, in hundredths of a percent; null when none was.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 10_000)]
    pub share_basis_points: Field<i32>,
    /// Planned, in cents; null when unknown.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 100_000_000_000_i64)]
    pub planned_cents: Field<i64>,
    /// Received so far, in cents; null when unknown.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 100_000_000_000_i64)]
    pub received_cents: Field<i64>,
}

/// What a funder gives in a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e40", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "year": 2026,
    "funder": "caf", "basis": "grant", "share_basis_points": 8000, "planned_cents": 6_400_000, "received_cents": 3_200_000,
    "version": 2, "created_at": "2026-01-12T08:15:00.000000Z", "updated_at": "2026-06-30T08:20:00.000000Z"
}))]
pub struct Funding {
    /// Identifier.
    pub id: Id,
    /// The service that is funded.
    pub service_id: Id,
    /// The calendar year.
    pub year: i32,
    /// Who gives.
    pub funder: Funder,
    /// On what ground.
    pub basis: FundingBasis,
    /// The share that was agreed, in hundredths of a percent; null when none was.
    #[schema(required = true)]
    pub share_basis_points: Option<i32>,
    /// Planned, in cents; null when unknown.
    #[schema(required = true)]
    pub planned_cents: Option<i64>,
    /// Received so far, in cents; null when unknown.
    #[schema(required = true)]
    pub received_cents: Option<i64>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl From<FundingRow> for Funding {
    fn from(row: FundingRow) -> Self {
        Self {
            id: row.id,
            service_id: row.service_id,
            year: row.year,
            funder: row.funder,
            basis: row.basis,
            share_basis_points: row.share_basis_points,
            planned_cents: row.planned_cents,
            received_cents: row.received_cents,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(Funding);

impl Located for Funding {
    fn location(&self) -> String {
        format!("/v1/fundings/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::page! {
    /// A page of fundings.
    FundingPage of Funding
}

text_enum! {
    /// Order of the list of fundings.
    pub enum FundingSort {
        /// The latest year first.
        YearDesc = "-year",
        /// The earliest year first.
        Year = "year",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
    }
}

/// Which fundings; every condition that is given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct FundingFilter {
    /// Of this service; of every service that the token may see when absent.
    pub service_id: Option<Id>,
    /// Of this year.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    pub year: Option<i32>,
    /// By this funder.
    pub funder: Option<Funder>,
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Order, the latest year first unless said.
    pub sort: Option<FundingSort>,
}

impl QueryParams for FundingFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<Funder>();
        description.reference::<UtcTs>();
        description.reference::<FundingSort>();
    }
}

/// Which year.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
pub struct OfYear {
    /// The calendar year.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    pub year: i32,
}

impl QueryParams for OfYear {}

text_enum! {
    /// Something in the funding of a year that does not fit.
    pub enum FundingCheck {
        /// The shares that were agreed do not make 100 %.
        SharesDoNotAddUp = "shares_do_not_add_up",
        /// A planned sum is not the share that was agreed of the planned total.
        PlannedIsNotTheShare = "planned_is_not_the_share",
        /// What is planned from conventions is not what the contributions of the year make.
        ContributionsDiffer = "contributions_differ",
    }
}

/// The funding of a service in a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "year": 2026,
    "lines": [
        {"funding_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e40", "funder": "caf", "basis": "grant",
         "share_basis_points": 8000, "planned_cents": 6_400_000, "received_cents": 3_200_000,
         "share_of_planned_basis_points": 8000},
        {"funding_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e41", "funder": "local_authorities", "basis": "convention",
         "share_basis_points": 2000, "planned_cents": 1_600_000, "received_cents": null,
         "share_of_planned_basis_points": 2000}
    ],
    "planned_cents": 8_000_000, "received_cents": 3_200_000, "agreed_shares_basis_points": 10_000, "adds_up": true,
    "contributions_cents": 1_600_000, "contributions_received_cents": 377_545, "checks": []
}))]
pub struct FundingPlan {
    /// The service.
    pub service_id: Id,
    /// The calendar year.
    pub year: i32,
    /// Funder by funder, in the order of the code list.
    pub lines: Vec<FundingLine>,
    /// Planned in all, in cents; null when no sum is known.
    #[schema(required = true)]
    pub planned_cents: Option<i64>,
    /// Received in all, in cents; null when no sum is known.
    #[schema(required = true)]
    pub received_cents: Option<i64>,
    /// The shares that were agreed, added up; null when none was.
    #[schema(required = true, minimum = 0, maximum = 1_000_000)]
    pub agreed_shares_basis_points: Option<i64>,
    /// Whether the agreed shares make 100 %; null unless each line has one.
    #[schema(required = true)]
    pub adds_up: Option<bool>,
    /// What the contributions of signed conventions make for the year, what was given up taken off.
    pub contributions_cents: i64,
    /// What was received of them.
    pub contributions_received_cents: i64,
    /// What does not fit.
    pub checks: Vec<FundingCheck>,
}

/// A funder in the funding of a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FundingLine {
    /// The funding.
    pub funding_id: Id,
    /// Who gives.
    pub funder: Funder,
    /// On what ground.
    pub basis: FundingBasis,
    /// The share that was agreed, in hundredths of a percent; null when none was.
    #[schema(required = true)]
    pub share_basis_points: Option<i32>,
    /// Planned, in cents; null when unknown.
    #[schema(required = true)]
    pub planned_cents: Option<i64>,
    /// Received so far, in cents; null when unknown.
    #[schema(required = true)]
    pub received_cents: Option<i64>,
    /// Its share of all that is planned, in hundredths of a percent; the shares of the lines add up to 10000. Null when a sum
    /// is unknown.
    #[schema(required = true)]
    pub share_of_planned_basis_points: Option<i64>,
}
