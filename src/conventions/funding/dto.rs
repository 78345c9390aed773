//! Funding as the contract describes it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::nomenclatures::codes::Funder;

text_enum! {
    /// Basis on which a funder gives.
    pub enum FundingBasis {
        /// Grant or other support.
        Grant = "grant",
        /// Conventions with local authorities.
        Convention = "convention",
    }
}

/// A new funding: what a funder gives in a year.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "year": 2026, "funder": "caf", "basis": "grant",
    "share_basis_points": 8000, "planned_cents": 6_400_000
}))]
pub struct FundingInput {
    /// The service that is funded.
    pub service_id: Id,
    /// The calendar year.
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    /// The funder. There is one line per funder and year.
    pub funder: Funder,
    /// Basis of the funding.
    pub basis: FundingBasis,
    /// Agreed share of the year's funding, in hundredths of a percent: 8000 is 80%.
    #[schema(minimum = 0, maximum = 10_000)]
    pub share_basis_points: Option<i32>,
    /// Planned amount, in cents; unknown if absent.
    #[schema(minimum = 0, maximum = 100_000_000_000_i64)]
    pub planned_cents: Option<i64>,
    /// Amount received so far, in cents; unknown if absent.
    #[schema(minimum = 0, maximum = 100_000_000_000_i64)]
    pub received_cents: Option<i64>,
}

/// Changes to a funding. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"received_cents": 3_200_000}))]
pub struct FundingPatch {
    /// Basis of the funding.
    #[serde(default)]
    #[schema(value_type = FundingBasis, required = false)]
    pub basis: Option<FundingBasis>,
    /// Agreed share, in hundredths of a percent; null if none was agreed.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 10_000)]
    pub share_basis_points: Field<i32>,
    /// Planned amount, in cents; null if unknown.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 100_000_000_000_i64)]
    pub planned_cents: Field<i64>,
    /// Amount received so far, in cents; null if unknown.
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
    /// The funder.
    pub funder: Funder,
    /// Basis of the funding.
    pub basis: FundingBasis,
    /// Agreed share, in hundredths of a percent; null if none was agreed.
    pub share_basis_points: Option<i32>,
    /// Planned amount, in cents; null if unknown.
    pub planned_cents: Option<i64>,
    /// Amount received so far, in cents; null if unknown.
    pub received_cents: Option<i64>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::resource!(Funding at "/v1/fundings/");

crate::page! {
    /// A page of fundings.
    FundingPage of Funding
}

text_enum! {
    /// Sort order of the list of fundings.
    pub enum FundingSort {
        /// Latest year first.
        YearDesc = "-year",
        /// Earliest year first.
        Year = "year",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters of the list of fundings; all of them apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct FundingFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Only this service. By default, every service that the caller can access.
    pub service_id: Option<Id>,
    /// Only of this year.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    pub year: Option<i32>,
    /// Only by this funder.
    pub funder: Option<Funder>,
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: latest year first.
    pub sort: Option<FundingSort>,
}

/// The year.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams, ToSchema)]
pub struct YearQuery {
    /// The calendar year.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    pub year: i32,
}

text_enum! {
    /// Inconsistency in the funding of a year.
    pub enum FundingCheck {
        /// The agreed shares do not add up to 100%.
        SharesDoNotAddUp = "shares_do_not_add_up",
        /// A planned amount is not the agreed share of the planned total.
        PlannedIsNotTheShare = "planned_is_not_the_share",
        /// The amount planned from conventions differs from the contributions of the year.
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
    /// One line per funder, in the order of the code list.
    pub lines: Vec<FundingLine>,
    /// Total planned, in cents; null if no amount is known.
    pub planned_cents: Option<i64>,
    /// Total received, in cents; null if no amount is known.
    pub received_cents: Option<i64>,
    /// Sum of the agreed shares, in hundredths of a percent; null if none was agreed.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub agreed_shares_basis_points: Option<i64>,
    /// Whether the agreed shares add up to 100%; null unless every line has one.
    pub adds_up: Option<bool>,
    /// Contributions due for the year under signed conventions, net of waivers, in cents.
    pub contributions_cents: i64,
    /// Amount received of these contributions, in cents.
    pub contributions_received_cents: i64,
    /// Inconsistencies found.
    pub checks: Vec<FundingCheck>,
}

/// One line of the funding of a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FundingLine {
    /// The funding.
    pub funding_id: Id,
    /// The funder.
    pub funder: Funder,
    /// Basis of the funding.
    pub basis: FundingBasis,
    /// Agreed share, in hundredths of a percent; null if none was agreed.
    pub share_basis_points: Option<i32>,
    /// Planned amount, in cents; null if unknown.
    pub planned_cents: Option<i64>,
    /// Amount received so far, in cents; null if unknown.
    pub received_cents: Option<i64>,
    /// Its share of the planned total, in hundredths of a percent. The shares of the lines add up to 10000. Null if an
    /// amount is unknown.
    pub share_of_planned_basis_points: Option<i64>,
}
