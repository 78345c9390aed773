//! Statements in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::conventions::agreements::model::ConventionStanding;
use crate::conventions::instalments::model::InstalmentStanding;
use crate::db::{Id, UtcTs};
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::nomenclatures::codes::ComplementaryService;
use crate::territories::TerritoryKey;

/// Which statements; every condition that is given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct StatementFilter {
    /// Of this service; of every service that the token may see when absent.
    pub service_id: Option<Id>,
    /// Of this year; of every year when absent.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    pub year: Option<i32>,
    /// With this collectivity.
    pub collectivity: Option<TerritoryKey>,
}

impl QueryParams for StatementFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<TerritoryKey>();
    }
}

/// A year of which a convention has a statement.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "collectivity": "epci:200070753", "collectivity_name": "CA Riom Limagne et Volcans", "year": 2026,
    "starts_on": "2026-01-01", "last_day": "2026-12-31",
    "url": "https://api.example.org/v1/conventions/0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10/statement?year=2026"
}))]
pub struct StatementReference {
    /// The convention.
    pub convention_id: Id,
    /// The service that is funded.
    pub service_id: Id,
    /// The collectivity.
    pub collectivity: TerritoryKey,
    /// Its official name.
    pub collectivity_name: String,
    /// The calendar year.
    pub year: i32,
    /// The first day of the convention.
    pub starts_on: NaiveDate,
    /// The last day on which it holds.
    pub last_day: NaiveDate,
    /// The path of the statement.
    #[schema(example = "/v1/conventions/0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10/statement?year=2026")]
    pub url: String,
}

crate::page! {
    /// A page of the years of which conventions have a statement.
    StatementReferencePage of StatementReference
}

/// The statement of a convention for a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "service_name": "Pôle Ressources Petite Enfance", "reference": "2026-03", "collectivity": "commune:63032",
    "collectivity_name": "Beaumont", "year": 2026, "starts_on": "2026-01-01", "last_day": "2026-12-31",
    "standing": "active", "read_at": "2026-06-30T08:15:00.000000Z", "due_cents": 377_545, "waived_cents": 0,
    "received_cents": 188_773, "remaining_cents": 188_772, "overdue_cents": 0,
    "formula_fr": "10787 habitants × 0,35 € = 3 775,45 € par an ; de janvier à décembre, 12 mois sur 12 : 3 775,45 €",
    "formula_en": "10787 inhabitants × €0.35 = €3,775.45 a year; from January to December, 12 of 12 months: €3,775.45",
    "instalments": [{"number": 1, "due_on": "2026-03-31", "amount_cents": 188_773, "received_cents": 188_773,
                     "waived_cents": 0, "remaining_cents": 0, "standing": "received"}],
    "payments": [{"received_on": "2026-03-27", "amount_cents": 188_773, "reference": "Virement 4471"}],
    "services": [{"complementary_service": "pedagogical_days", "yearly_quota": 2, "delivered": 1, "planned": 1,
                  "remaining": 1, "minutes": 360, "professionals": 24}]
}))]
pub struct Statement {
    /// The convention.
    pub convention_id: Id,
    /// The service that is funded.
    pub service_id: Id,
    /// Its name.
    pub service_name: String,
    /// The number of the convention in the books of the parties.
    #[schema(required = true)]
    pub reference: Option<String>,
    /// The collectivity.
    pub collectivity: TerritoryKey,
    /// Its official name.
    pub collectivity_name: String,
    /// The calendar year.
    pub year: i32,
    /// The first day of the convention.
    pub starts_on: NaiveDate,
    /// The last day on which it holds.
    pub last_day: NaiveDate,
    /// Where the convention stands today.
    pub standing: ConventionStanding,
    /// When it was read: the statement of a year that goes on changes.
    pub read_at: UtcTs,
    /// What is due for the year, in cents; null when it is not computed.
    #[schema(required = true)]
    pub due_cents: Option<i64>,
    /// Given up by the service, in cents.
    #[schema(required = true)]
    pub waived_cents: Option<i64>,
    /// Received, in cents.
    #[schema(required = true)]
    pub received_cents: Option<i64>,
    /// Still to be received, in cents.
    #[schema(required = true)]
    pub remaining_cents: Option<i64>,
    /// Called for, late and still to be received, in cents.
    #[schema(required = true)]
    pub overdue_cents: Option<i64>,
    /// How what is due was computed, in French.
    #[schema(required = true)]
    pub formula_fr: Option<String>,
    /// How what is due was computed, in English.
    #[schema(required = true)]
    pub formula_en: Option<String>,
    /// Its instalments, the first due first.
    pub instalments: Vec<StatementInstalment>,
    /// The payments that were received for the year, the first received first.
    pub payments: Vec<StatementPayment>,
    /// The complementary services that the convention opens, and any other that was delivered under it.
    pub services: Vec<StatementService>,
}

/// An instalment in a statement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatementInstalment {
    /// Its number, from 1.
    #[schema(minimum = 1)]
    pub number: i32,
    /// When it is due.
    pub due_on: NaiveDate,
    /// What is due, in cents.
    pub amount_cents: i64,
    /// Received, in cents.
    pub received_cents: i64,
    /// Given up by the service, in cents.
    pub waived_cents: i64,
    /// Still to be received, in cents.
    pub remaining_cents: i64,
    /// Where it stands today.
    pub standing: InstalmentStanding,
}

/// A payment in a statement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatementPayment {
    /// The day on which it was received.
    pub received_on: NaiveDate,
    /// The sum, in cents.
    pub amount_cents: i64,
    /// What tells it on the account.
    #[schema(required = true)]
    pub reference: Option<String>,
}

/// A complementary service in a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatementService {
    /// Which one.
    pub complementary_service: ComplementaryService,
    /// Collective actions a year, by the terms that hold at the end of it; null for no limit, or when the terms do not open
    /// the service any more.
    #[schema(required = true)]
    pub yearly_quota: Option<i32>,
    /// Actions that were held in the year.
    pub delivered: i64,
    /// Actions that are planned in the year.
    pub planned: i64,
    /// Actions that the quota still allows, planned ones not taken off; 0 when it is used up; null without a quota.
    #[schema(required = true)]
    pub remaining: Option<i64>,
    /// Minutes of the actions that were held, without preparation and travel.
    pub minutes: i64,
    /// Professionals who came, added up over the actions. Families and children are not counted here.
    pub professionals: i64,
}
