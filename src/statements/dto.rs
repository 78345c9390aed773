//! Requests and responses about statements.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::conventions::agreements::model::ConventionStanding;
use crate::conventions::instalments::model::InstalmentStanding;
use crate::db::{Id, UtcTs};
use crate::nomenclatures::codes::ComplementaryService;
use crate::territories::TerritoryKey;

/// Filters of the list of statements. A row must match every filter given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct StatementFilter {
    /// Of this service. If absent, of every service that the caller can access.
    pub service_id: Option<Id>,
    /// Of this year. If absent, of every year.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    pub year: Option<i32>,
    /// Of conventions with this local authority.
    pub collectivity: Option<TerritoryKey>,
}

/// A statement that can be read: a convention and a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "collectivity": "epci:200070753", "collectivity_name": "CA Riom Limagne et Volcans", "year": 2026,
    "starts_on": "2026-01-01", "last_day": "2026-12-31",
    "url": "/v1/conventions/0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10/statement?year=2026"
}))]
pub struct StatementReference {
    /// The convention.
    pub convention_id: Id,
    /// The funded service.
    pub service_id: Id,
    /// The local authority.
    pub collectivity: TerritoryKey,
    /// Its official name.
    pub collectivity_name: String,
    /// The calendar year.
    pub year: i32,
    /// The first day of the convention.
    pub starts_on: NaiveDate,
    /// The last day of the convention.
    pub last_day: NaiveDate,
    /// Path of the statement.
    #[schema(example = "/v1/conventions/0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10/statement?year=2026")]
    pub url: String,
}

crate::page! {
    /// A page of statements that can be read.
    StatementReferencePage of StatementReference
}

/// The statement of a convention for a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "convention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "service_name": "Pôle Ressources Petite Enfance", "reference": "2026-03", "collectivity": "commune:63032",
    "collectivity_name": "Beaumont", "year": 2026, "starts_on": "2026-01-01", "last_day": "2026-12-31",
    "standing": "active", "read_at": "2026-06-30T08:15:00.000000Z", "read_on": "2026-06-30", "due_cents": 377_545, "waived_cents": 0,
    "received_cents": 188_773, "remaining_cents": 188_772, "overdue_cents": 0,
    "formula_fr": "10\u{202f}787 habitants × 0,35\u{a0}€ = 3\u{202f}775,45\u{a0}€ par an ; de janvier à décembre, 12 mois sur 12 : 3\u{202f}775,45\u{a0}€",
    "formula_en": "10,787 inhabitants × €0.35 = €3,775.45 per year; from January to December, 12 of 12 months: €3,775.45",
    "instalments": [{"number": 1, "due_on": "2026-03-31", "amount_cents": 188_773, "received_cents": 188_773,
                     "waived_cents": 0, "remaining_cents": 0, "standing": "received"}],
    "payments": [{"received_on": "2026-03-27", "amount_cents": 188_773, "reference": "Virement 4471"}],
    "services": [{"complementary_service": "pedagogical_days", "yearly_quota": 2, "delivered": 1, "planned": 1,
                  "remaining": 1, "minutes": 360, "professionals": 24}]
}))]
pub struct Statement {
    /// The convention.
    pub convention_id: Id,
    /// The funded service.
    pub service_id: Id,
    /// Name of the service.
    pub service_name: String,
    /// Number of the convention in the records of the parties.
    pub reference: Option<String>,
    /// The local authority.
    pub collectivity: TerritoryKey,
    /// Its official name.
    pub collectivity_name: String,
    /// The calendar year.
    pub year: i32,
    /// The first day of the convention.
    pub starts_on: NaiveDate,
    /// The last day of the convention.
    pub last_day: NaiveDate,
    /// Standing of the convention today.
    pub standing: ConventionStanding,
    /// When the statement was read. The statement of the current year still changes.
    pub read_at: UtcTs,
    /// The day on which it was read, in the time zone of the service. What is overdue is overdue on that day.
    pub read_on: NaiveDate,
    /// Amount due for the year, in cents; null if the contribution is not computed yet.
    pub due_cents: Option<i64>,
    /// Amount waived by the service, in cents.
    pub waived_cents: Option<i64>,
    /// Amount received, in cents.
    pub received_cents: Option<i64>,
    /// Amount remaining, in cents.
    pub remaining_cents: Option<i64>,
    /// Part of the remaining amount that is called and overdue, in cents.
    pub overdue_cents: Option<i64>,
    /// The computation of the amount due in words, in French.
    pub formula_fr: Option<String>,
    /// The computation of the amount due in words, in English.
    pub formula_en: Option<String>,
    /// The instalments, earliest due date first.
    pub instalments: Vec<StatementInstalment>,
    /// The payments received for the year, earliest first.
    pub payments: Vec<StatementPayment>,
    /// The complementary services that the convention includes, and any other that was delivered under it.
    pub services: Vec<StatementService>,
}

/// An instalment in a statement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatementInstalment {
    /// Its number, from 1.
    #[schema(minimum = 1)]
    pub number: i32,
    /// The due date.
    pub due_on: NaiveDate,
    /// Amount due, in cents.
    pub amount_cents: i64,
    /// Amount received, in cents.
    pub received_cents: i64,
    /// Amount waived by the service, in cents.
    pub waived_cents: i64,
    /// Amount remaining, in cents.
    pub remaining_cents: i64,
    /// Standing of the instalment today.
    pub standing: InstalmentStanding,
}

/// A payment in a statement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatementPayment {
    /// When it was received.
    pub received_on: NaiveDate,
    /// Amount, in cents.
    pub amount_cents: i64,
    /// Payment reference on the bank account.
    pub reference: Option<String>,
}

/// A complementary service in a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatementService {
    /// The complementary service.
    pub complementary_service: ComplementaryService,
    /// Collective actions per year, under the terms in effect at the end of the year. Null if there is no limit, or if
    /// the terms no longer include the service.
    pub yearly_quota: Option<i32>,
    /// Actions held in the year.
    pub delivered: i64,
    /// Actions planned in the year.
    pub planned: i64,
    /// Actions that the quota still allows, without deducting planned actions; 0 if it is used up, null if there is no
    /// quota.
    pub remaining: Option<i64>,
    /// Total duration of the actions held, in minutes, without preparation and travel.
    pub minutes: i64,
    /// Attendances of professionals, summed over the actions. Families and children are not counted.
    pub professionals: i64,
}
