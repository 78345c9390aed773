//! A contribution as the contract describes it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::{ContributionBasis, PopulationKind};
use crate::conventions::instalments::dto::{Instalment, InstalmentInput};
use crate::db::{Id, UtcTs, text_enum};
use crate::naming::model::{Named, Names};
use crate::territories::CommuneCode;

/// The inputs of a contribution.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "year": 2026, "basis": "per_inhabitant", "population_kind": "municipal", "rate_cents": 35,
    "instalments": [{"due_on": "2026-03-31"}, {"due_on": "2026-09-30"}]
}))]
pub struct ContributionInput {
    /// The calendar year that it covers.
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    /// Basis of the computation.
    pub basis: ContributionBasis,
    /// Which of the two legal populations to use; only with a rate per inhabitant.
    pub population_kind: Option<PopulationKind>,
    /// Number of inhabitants. By default, that of the embedded map. Another figure requires its year and its source.
    #[schema(minimum = 0, maximum = 100_000_000)]
    pub population: Option<i32>,
    /// The year of the population, not after the year of the contribution. By default, that of the embedded map.
    #[schema(minimum = 1990, maximum = 2100)]
    pub population_vintage: Option<i32>,
    /// Source of a population that is not that of the embedded map.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub population_source: Option<String>,
    /// Cents per inhabitant for twelve months.
    #[schema(minimum = 0, maximum = 10_000)]
    pub rate_cents: Option<i32>,
    /// Flat sum for twelve months, in cents.
    #[schema(minimum = 0, maximum = 10_000_000_000_i64)]
    pub flat_cents: Option<i64>,
    /// When it is due. The parts are equal unless each gives its amount. By default, one part due on 31 December of the
    /// year.
    #[schema(value_type = Vec<InstalmentInput>, required = false, min_items = 1, max_items = 24)]
    pub instalments: Option<Vec<InstalmentInput>>,
}

/// The contribution that a local authority owes for a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e20", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "convention_name": "Riom Limagne et Volcans", "year": 2026, "basis": "per_inhabitant",
    "population": 10_787, "population_kind": "municipal", "population_vintage": 2026,
    "population_source": "dgcl_epci_list", "rate_cents": 35, "yearly_cents": 377_545, "first_month": 1,
    "last_month": 12, "months_due": 12, "amount_cents": 377_545,
    "formula_fr": "10\u{202f}787 habitants × 0,35\u{a0}€ = 3\u{202f}775,45\u{a0}€ par an ; de janvier à décembre, 12 mois sur 12 : 3\u{202f}775,45\u{a0}€",
    "formula_en": "10,787 inhabitants × €0.35 = €3,775.45 per year; from January to December, 12 of 12 months: €3,775.45",
    "rounding": "nearest_cent_half_up_on_running_totals", "frozen_on": "2025-12-18", "received_cents": 188_773,
    "waived_cents": 0, "remaining_cents": 188_772,
    "instalments": [{
        "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e21", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
        "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "convention_name": "CA Riom Limagne et Volcans",
        "contribution_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e20", "number": 1, "due_on": "2026-03-31",
        "amount_cents": 377_545, "received_cents": 188_773, "waived_cents": 0, "remaining_cents": 188_772,
        "standing": "overdue", "available_actions": ["receive", "waive"], "called_on": "2026-02-02",
        "call_reference": "T-2026-114", "waived_on": null, "waiver_reason": null, "version": 3,
        "created_at": "2025-12-18T08:15:00.000000Z", "updated_at": "2026-03-30T08:20:00.000000Z"
    }],
    "warnings": [], "version": 2, "created_at": "2025-12-01T08:15:00.000000Z", "updated_at": "2025-12-18T08:20:00.000000Z"
}))]
pub struct Contribution {
    /// Identifier.
    pub id: Id,
    /// The service that is funded.
    pub service_id: Id,
    /// The convention.
    pub convention_id: Id,
    /// Name of the local authority of the convention.
    pub convention_name: Option<String>,
    /// The calendar year that it covers.
    pub year: i32,
    /// Basis of the computation.
    pub basis: ContributionBasis,
    /// Number of inhabitants; null for a flat sum.
    pub population: Option<i32>,
    /// Kind of population; null for a flat sum.
    pub population_kind: Option<PopulationKind>,
    /// The year of the population; null for a flat sum.
    pub population_vintage: Option<i32>,
    /// Source of the population: a source of the embedded map, or the one given; null for a flat sum.
    pub population_source: Option<String>,
    /// Cents per inhabitant for twelve months; null for a flat sum.
    pub rate_cents: Option<i32>,
    /// The amount for twelve months, in cents.
    pub yearly_cents: i64,
    /// The first month due, 1 for January. A month counts whole.
    #[schema(minimum = 1, maximum = 12)]
    pub first_month: i32,
    /// The last month due.
    #[schema(minimum = 1, maximum = 12)]
    pub last_month: i32,
    /// Number of months due, out of twelve.
    #[schema(minimum = 1, maximum = 12)]
    pub months_due: i32,
    /// The amount due for the year, in cents.
    pub amount_cents: i64,
    /// The computation in words, in French.
    pub formula_fr: String,
    /// The computation in words, in English.
    pub formula_en: String,
    /// How cents are rounded. The amount due until the end of a month is rounded to the nearest cent, half a cent up;
    /// the amount due for a span of months is the difference between two such totals. So the parts of a year add up.
    pub rounding: &'static str,
    /// The day from which it never changes; null until the convention is signed.
    pub frozen_on: Option<NaiveDate>,
    /// Received so far, in cents.
    pub received_cents: i64,
    /// Waived by the service, in cents.
    pub waived_cents: i64,
    /// Still to be received, in cents.
    pub remaining_cents: i64,
    /// Its instalments, earliest due date first.
    pub instalments: Vec<Instalment>,
    /// What is unusual about it, by the conventions of today. Warnings block nothing.
    pub warnings: Vec<ContributionWarning>,
    /// Version of the row.
    pub version: i32,
    /// When it was computed.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl Named for Contribution {
    fn show_names(&mut self, names: &mut Names) {
        names.convention(Some(self.convention_id), &mut self.convention_name);
        self.instalments.show_names(names);
    }
}

text_enum! {
    /// What is unusual about a contribution.
    pub enum ContributionWarningCode {
        /// It is of an EPCI, and counts the inhabitants of communes that have a convention of their own in the year.
        CountsPayingCommunes = "counts_paying_communes",
        /// It is of a commune whose EPCI has a convention in the year.
        CountedByItsEpci = "counted_by_its_epci",
    }
}

/// A warning about a contribution.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "counts_paying_communes", "commune_codes": ["63300"],
    "message_fr": "Des communes de cet EPCI ont leur propre convention en 2026 (63300 ; 19\u{202f}011 habitants) et sont comptées deux fois.",
    "message_en": "Communes of this EPCI have a convention of their own in 2026 (63300; 19,011 inhabitants) and are counted twice."
}))]
pub struct ContributionWarning {
    /// Stable code.
    pub code: ContributionWarningCode,
    /// INSEE codes of the communes that may be counted twice.
    pub commune_codes: Vec<CommuneCode>,
    /// What is unusual and what to do, in French.
    pub message_fr: String,
    /// What is unusual and what to do, in English.
    pub message_en: String,
}

crate::resource!(Contribution at "/v1/contributions/");

crate::page! {
    /// A page of contributions.
    ContributionPage of Contribution
}

text_enum! {
    /// Sort order of the list of contributions.
    pub enum ContributionSort {
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

/// Filters of the list of contributions; all of them apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct ContributionFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Only this service. By default, every service that the caller can access.
    pub service_id: Option<Id>,
    /// Only of this convention.
    pub convention_id: Option<Id>,
    /// Only for this year.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    pub year: Option<i32>,
    /// Changed at this instant or later.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: latest year first.
    pub sort: Option<ContributionSort>,
}
