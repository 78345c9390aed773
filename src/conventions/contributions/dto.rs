//! Contributions in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::{Computation, ContributionBasis, PopulationKind};
use super::store::ContributionRow;
use crate::conventions::instalments::dto::{Instalment, NewInstalment};
use crate::db::{Id, UtcTs, text_enum};
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::http::reply::Located;

/// A contribution to be computed.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "year": 2026, "basis": "per_inhabitant", "population_kind": "municipal", "rate_cents": 35,
    "instalments": [{"due_on": "2026-03-31"}, {"due_on": "2026-09-30"}]
}))]
pub struct NewContribution {
    /// The calendar year that it pays for.
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    /// How it is computed.
    pub basis: ContributionBasis,
    /// Which of the two legal populations; for a rate per inhabitant.
    pub population_kind: Option<PopulationKind>,
    /// Inhabitants; the map's when absent. Another figure is given with its year and its source.
    #[schema(minimum = 0, maximum = 100_000_000)]
    pub population: Option<i32>,
    /// The year of the population: not after the year that is paid for. The map's when absent.
    #[schema(minimum = 1990, maximum = 2100)]
    pub population_vintage: Option<i32>,
    /// Where a stated population comes from.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub population_source: Option<String>,
    /// Cents for each inhabitant and twelve months.
    #[schema(minimum = 0, maximum = 10_000)]
    pub rate_cents: Option<i32>,
    /// A flat sum for twelve months, in cents.
    #[schema(minimum = 0, maximum = 10_000_000_000_i64)]
    pub flat_cents: Option<i64>,
    /// When it is due: equal parts unless each says its amount. One part, due on 31 December of the year, when absent.
    #[schema(value_type = Vec<NewInstalment>, required = false, min_items = 1, max_items = 24)]
    pub instalments: Option<Vec<NewInstalment>>,
}

/// What a collectivity owes for a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e20", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "year": 2026, "basis": "per_inhabitant",
    "population": 10_787, "population_kind": "municipal", "population_vintage": 2026,
    "population_source": "dgcl_epci_list", "rate_cents": 35, "yearly_cents": 377_545, "first_month": 1,
    "last_month": 12, "months_due": 12, "amount_cents": 377_545,
    "formula_fr": "10787 habitants × 0,35 € = 3 775,45 € par an ; de janvier à décembre, 12 mois sur 12 : 3 775,45 €",
    "formula_en": "10787 inhabitants × €0.35 = €3,775.45 a year; from January to December, 12 of 12 months: €3,775.45",
    "rounding": "nearest_cent_half_up_on_running_totals", "frozen_on": "2025-12-18", "received_cents": 188_773,
    "waived_cents": 0, "remaining_cents": 188_772,
    "instalments": [{
        "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e21", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
        "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10",
        "contribution_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e20", "number": 1, "due_on": "2026-03-31",
        "amount_cents": 377_545, "received_cents": 188_773, "waived_cents": 0, "remaining_cents": 188_772,
        "standing": "overdue", "available_actions": ["receive", "waive"], "called_on": "2026-02-02",
        "call_reference": "T-2026-114", "waived_on": null, "waiver_reason": null, "version": 3,
        "created_at": "2025-12-18T08:15:00.000000Z", "updated_at": "2026-03-30T08:20:00.000000Z"
    }],
    "version": 2, "created_at": "2025-12-01T08:15:00.000000Z", "updated_at": "2025-12-18T08:20:00.000000Z"
}))]
pub struct Contribution {
    /// Identifier.
    pub id: Id,
    /// The service that is funded.
    pub service_id: Id,
    /// The convention.
    pub convention_id: Id,
    /// The calendar year that it pays for.
    pub year: i32,
    /// How it is computed.
    pub basis: ContributionBasis,
    /// Inhabitants; null for a flat sum.
    #[schema(required = true)]
    pub population: Option<i32>,
    /// Which population.
    #[schema(required = true)]
    pub population_kind: Option<PopulationKind>,
    /// The year of the population.
    #[schema(required = true)]
    pub population_vintage: Option<i32>,
    /// Where the population comes from: a source of the map, or what was stated.
    #[schema(required = true)]
    pub population_source: Option<String>,
    /// Cents for each inhabitant and twelve months; null for a flat sum.
    #[schema(required = true)]
    pub rate_cents: Option<i32>,
    /// The sum for twelve months, in cents.
    pub yearly_cents: i64,
    /// The first month that is due, 1 for January: months are counted whole.
    #[schema(minimum = 1, maximum = 12)]
    pub first_month: i32,
    /// The last month that is due.
    #[schema(minimum = 1, maximum = 12)]
    pub last_month: i32,
    /// Months that are due, of twelve.
    #[schema(minimum = 1, maximum = 12)]
    pub months_due: i32,
    /// What is due for the year, in cents.
    pub amount_cents: i64,
    /// The computation in words, in French.
    pub formula_fr: String,
    /// The computation in words, in English.
    pub formula_en: String,
    /// How cents are rounded: what is due until the end of a month is rounded to the nearest cent, half a cent upwards, and a
    /// span of months is the difference of two such totals. So the parts of a year add up.
    pub rounding: &'static str,
    /// From which day on it never changes; null until the convention is signed.
    #[schema(required = true)]
    pub frozen_on: Option<NaiveDate>,
    /// Received so far, in cents.
    pub received_cents: i64,
    /// Given up by the service, in cents.
    pub waived_cents: i64,
    /// Still to be received, in cents.
    pub remaining_cents: i64,
    /// Its parts, the first due first.
    pub instalments: Vec<Instalment>,
    /// Version of the row.
    pub version: i32,
    /// When it was computed.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

/// How cents are rounded: see `model.rs`.
const ROUNDING: &str = "nearest_cent_half_up_on_running_totals";

impl Contribution {
    pub(super) fn new(row: ContributionRow, instalments: Vec<Instalment>) -> Self {
        let month = |month: i32| u32::try_from(month).unwrap_or(1);
        let computation = Computation {
            per_inhabitant: row.population.zip(row.rate_cents),
            yearly_cents: row.yearly_cents,
            months: (month(row.first_month), month(row.last_month)),
        };
        let sum = |of: fn(&Instalment) -> i64| instalments.iter().map(of).sum();
        Self {
            id: row.id,
            service_id: row.service_id,
            convention_id: row.convention_id,
            year: row.year,
            basis: row.basis,
            population: row.population,
            population_kind: row.population_kind,
            population_vintage: row.population_vintage,
            population_source: row.population_source,
            rate_cents: row.rate_cents,
            yearly_cents: row.yearly_cents,
            first_month: row.first_month,
            last_month: row.last_month,
            months_due: row.last_month - row.first_month + 1,
            amount_cents: row.amount_cents,
            formula_fr: computation.formula(true),
            formula_en: computation.formula(false),
            rounding: ROUNDING,
            frozen_on: row.frozen_on,
            received_cents: sum(|one| one.received_cents),
            waived_cents: sum(|one| one.waived_cents),
            remaining_cents: sum(|one| one.remaining_cents),
            instalments,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(Contribution);

impl Located for Contribution {
    fn location(&self) -> String {
        format!("/v1/contributions/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::page! {
    /// A page of contributions.
    ContributionPage of Contribution
}

text_enum! {
    /// Order of the list of contributions.
    pub enum ContributionSort {
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

/// Which contributions; every condition that is given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct ContributionFilter {
    /// Of this service; of every service that the token may see when absent.
    pub service_id: Option<Id>,
    /// Of this convention.
    pub convention_id: Option<Id>,
    /// For this year.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    pub year: Option<i32>,
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Order, the latest year first unless said.
    pub sort: Option<ContributionSort>,
}

impl QueryParams for ContributionFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<UtcTs>();
        description.reference::<ContributionSort>();
    }
}
