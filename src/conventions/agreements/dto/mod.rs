//! A convention as the contract describes it.

pub mod actions;
pub mod filter;
pub mod new;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{ConventionAction, ConventionStanding, ConventionStatus};
use crate::db::{Id, UtcTs, text_enum};
use crate::naming::model::{Named, Names};
use crate::nomenclatures::codes::{ComplementaryService, ConventionReason};
use crate::territories::TerritoryKey;

text_enum! {
    /// Party that a signatory represents.
    pub enum ConventionParty {
        /// The EPCI or the commune.
        Collectivity = "collectivity",
        /// The service, or the institution it belongs to.
        Service = "service",
        /// Another party, such as the CAF.
        Other = "other",
    }
}

/// A complementary service that a convention gives access to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"complementary_service": "pedagogical_days", "yearly_quota": 2}))]
pub struct OpenedService {
    /// The complementary service.
    pub complementary_service: ComplementaryService,
    /// Maximum number of collective actions per calendar year; null for no limit.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    pub yearly_quota: Option<i32>,
}

/// A person who signs on behalf of a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"party": "collectivity", "name": "Dominique Exemple", "capacity": "Président"}))]
pub struct Signatory {
    /// The party that they represent.
    pub party: ConventionParty,
    /// Name.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: String,
    /// Office held, such as mayor, president or director.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub capacity: String,
}

/// A link to a document stored elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Convention signée", "url": "https://example.org/conventions/2026-03.pdf"}))]
pub struct ConventionDocument {
    /// Title.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub title: String,
    /// Address of the document.
    #[schema(max_length = 500, pattern = r"^https://[A-Za-z0-9.-]+(:[0-9]+)?(/\S*)?$")]
    pub url: String,
}

/// Terms of a convention: the initial ones, or those of an amendment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConventionTerms {
    /// 0 for the initial terms, then incremented by each amendment.
    pub number: i32,
    /// First day in effect.
    pub effective_on: NaiveDate,
    /// Last day of the convention under these terms.
    pub ends_on: NaiveDate,
    /// Date of signature; null until they are signed.
    pub signed_on: Option<NaiveDate>,
    /// Short summary of what an amendment changes; null for the initial terms.
    pub summary: Option<String>,
    /// The complementary services that they open.
    pub services: Vec<OpenedService>,
}

/// A suspension of a convention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConventionSuspension {
    /// First suspended day.
    pub starts_on: NaiveDate,
    /// Last suspended day; null while the suspension is in progress.
    pub ends_on: Option<NaiveDate>,
}

/// A convention with a local authority.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "collectivity": "epci:200070753", "collectivity_name": "CA Riom Limagne et Volcans", "reference": "2026-03",
    "status": "signed", "standing": "active", "available_actions": ["suspend", "terminate", "amend"],
    "starts_on": "2026-01-01", "ends_on": "2026-12-31", "last_day": "2026-12-31", "proposed_on": "2025-11-12",
    "signed_on": "2025-12-18", "declined_on": null, "terminated_on": null, "reason": null, "renews_id": null,
    "renewed_by_id": null, "services": [{"complementary_service": "pedagogical_days", "yearly_quota": 2}],
    "terms": [{
        "number": 0, "effective_on": "2026-01-01", "ends_on": "2026-12-31", "signed_on": "2025-12-18", "summary": null,
        "services": [{"complementary_service": "pedagogical_days", "yearly_quota": 2}]
    }],
    "signatories": [{"party": "collectivity", "name": "Dominique Exemple", "capacity": "Président"}],
    "documents": [], "suspensions": [], "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple", "version": 3,
    "created_at": "2025-11-03T08:15:00.000000Z", "updated_at": "2025-12-18T08:20:00.000000Z"
}))]
pub struct Convention {
    /// Identifier.
    pub id: Id,
    /// The service that is funded.
    pub service_id: Id,
    /// The local authority: an EPCI by its SIREN, a commune by its INSEE code.
    pub collectivity: TerritoryKey,
    /// Its official name.
    pub collectivity_name: String,
    /// Reference number that the parties use.
    pub reference: Option<String>,
    /// Status, as last decided.
    pub status: ConventionStatus,
    /// Standing today: the last decision combined with the dates.
    pub standing: ConventionStanding,
    /// Actions allowed now.
    pub available_actions: Vec<ConventionAction>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day under the latest terms.
    pub ends_on: NaiveDate,
    /// Last day in effect: `terminated_on` if it was ended early, `ends_on` otherwise.
    pub last_day: NaiveDate,
    /// Date on which it was sent to the local authority.
    pub proposed_on: Option<NaiveDate>,
    /// Date on which the last party signed.
    pub signed_on: Option<NaiveDate>,
    /// Date on which it was refused or abandoned.
    pub declined_on: Option<NaiveDate>,
    /// Last day in effect if it was ended early; null otherwise.
    pub terminated_on: Option<NaiveDate>,
    /// Reason why it was declined, suspended or terminated.
    pub reason: Option<ConventionReason>,
    /// The convention that it renews.
    pub renews_id: Option<Id>,
    /// The convention that renews it.
    pub renewed_by_id: Option<Id>,
    /// The complementary services that it gives access to today. Before its first day, those of the initial terms.
    pub services: Vec<OpenedService>,
    /// The terms, oldest first.
    pub terms: Vec<ConventionTerms>,
    /// The signatories.
    pub signatories: Vec<Signatory>,
    /// Links to documents stored elsewhere.
    pub documents: Vec<ConventionDocument>,
    /// Its suspensions, oldest first.
    pub suspensions: Vec<ConventionSuspension>,
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

impl Named for Convention {
    fn show_names(&mut self, names: &mut Names) {
        names.author(Some(&self.author), &mut self.author_name);
    }
}

crate::resource!(Convention at "/v1/conventions/");

crate::page! {
    /// A page of conventions.
    ConventionPage of Convention
}
