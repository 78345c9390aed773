//! Conventions in the contract.

pub mod actions;
pub mod filter;
pub mod new;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{ConventionAction, ConventionStanding, ConventionStatus};
use super::store::ConventionRow;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::reply::Located;
use crate::nomenclatures::codes::{ComplementaryService, ConventionReason};
use crate::territories::TerritoryKey;

text_enum! {
    /// For whom somebody signs.
    pub enum ConventionParty {
        /// The EPCI or the commune.
        Collectivity = "collectivity",
        /// The service, or the institution that it belongs to.
        Service = "service",
        /// Another party, such as the Caf.
        Other = "other",
    }
}

/// A complementary service that a convention opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"complementary_service": "pedagogical_days", "yearly_quota": 2}))]
pub struct OpenedService {
    /// Which one.
    pub complementary_service: ComplementaryService,
    /// Collective actions a calendar year; null for no limit.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    pub yearly_quota: Option<i32>,
}

/// Somebody who signs, in their public office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"party": "collectivity", "name": "Dominique Exemple", "capacity": "Président"}))]
pub struct Signatory {
    /// For whom.
    pub party: ConventionParty,
    /// Name.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: String,
    /// Office: mayor, president, director.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub capacity: String,
}

/// A document that is kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Convention signée", "url": "https://example.org/conventions/2026-03.pdf"}))]
pub struct ConventionDocument {
    /// What it is.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub title: String,
    /// Where it is.
    #[schema(max_length = 500, pattern = r"^https://[A-Za-z0-9.-]+(:[0-9]+)?(/\S*)?$")]
    pub url: String,
}

/// The terms of a convention: those that were signed, or those of an amendment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConventionTerms {
    /// 0 for the first ones, then one more with each amendment.
    pub number: i32,
    /// From which day on they hold.
    pub effective_on: NaiveDate,
    /// The last day of the convention by these terms.
    pub ends_on: NaiveDate,
    /// The day on which they were signed; null before.
    #[schema(required = true)]
    pub signed_on: Option<NaiveDate>,
    /// What an amendment changes, in a few words.
    #[schema(required = true)]
    pub summary: Option<String>,
    /// The complementary services that they open.
    pub services: Vec<OpenedService>,
}

/// Days without effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConventionSuspension {
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day; null while it goes on.
    #[schema(required = true)]
    pub ends_on: Option<NaiveDate>,
}

/// A convention with a collectivity.
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
    "documents": [], "suspensions": [], "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "version": 3,
    "created_at": "2025-11-03T08:15:00.000000Z", "updated_at": "2025-12-18T08:20:00.000000Z"
}))]
pub struct Convention {
    /// Identifier.
    pub id: Id,
    /// The service that is funded.
    pub service_id: Id,
    /// The collectivity: an EPCI by its SIREN, a commune by its INSEE code.
    pub collectivity: TerritoryKey,
    /// Its official name.
    pub collectivity_name: String,
    /// The number that it has in the books of the parties.
    #[schema(required = true)]
    pub reference: Option<String>,
    /// What was decided last.
    pub status: ConventionStatus,
    /// Where it stands today: what was decided, and what the calendar makes of it.
    pub standing: ConventionStanding,
    /// What can be done with it now.
    pub available_actions: Vec<ConventionAction>,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// The last day of the terms that hold.
    pub ends_on: NaiveDate,
    /// The last day on which it holds: `ends_on`, or `terminated_on` when it was ended before.
    pub last_day: NaiveDate,
    /// The day on which it was sent to the collectivity.
    #[schema(required = true)]
    pub proposed_on: Option<NaiveDate>,
    /// The day on which the last party signed.
    #[schema(required = true)]
    pub signed_on: Option<NaiveDate>,
    /// The day on which it was refused or given up.
    #[schema(required = true)]
    pub declined_on: Option<NaiveDate>,
    /// The last day on which it holds, when it was ended before its end.
    #[schema(required = true)]
    pub terminated_on: Option<NaiveDate>,
    /// Why it was declined, suspended or terminated.
    #[schema(required = true)]
    pub reason: Option<ConventionReason>,
    /// The convention that it follows.
    #[schema(required = true)]
    pub renews_id: Option<Id>,
    /// The convention that follows it.
    #[schema(required = true)]
    pub renewed_by_id: Option<Id>,
    /// The complementary services that it opens today; those of the first terms before it begins.
    pub services: Vec<OpenedService>,
    /// The terms, the first first.
    pub terms: Vec<ConventionTerms>,
    /// Who signs.
    pub signatories: Vec<Signatory>,
    /// Documents that are kept elsewhere.
    pub documents: Vec<ConventionDocument>,
    /// Its suspensions, the first first.
    pub suspensions: Vec<ConventionSuspension>,
    /// Who recorded it.
    pub author: String,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

/// What belongs to a convention and stands in other tables.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) terms: Vec<ConventionTerms>,
    pub(super) signatories: Vec<Signatory>,
    pub(super) documents: Vec<ConventionDocument>,
    pub(super) suspensions: Vec<ConventionSuspension>,
    pub(super) renewed_by_id: Option<Id>,
}

impl Convention {
    pub(super) fn new(row: ConventionRow, parts: Parts, today: NaiveDate) -> Self {
        let holds = parts.terms.iter().rev().find(|terms| terms.effective_on <= today);
        let services = holds.or(parts.terms.first()).map(|terms| terms.services.clone()).unwrap_or_default();
        Self {
            collectivity: row.collectivity(),
            collectivity_name: row.collectivity_name(),
            standing: row.status.standing(row.starts_on, row.last_day(), today),
            available_actions: row.status.available_actions(),
            last_day: row.last_day(),
            id: row.id,
            service_id: row.service_id,
            reference: row.reference,
            status: row.status,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            proposed_on: row.proposed_on,
            signed_on: row.signed_on,
            declined_on: row.declined_on,
            terminated_on: row.terminated_on,
            reason: row.reason,
            renews_id: row.renews_id,
            renewed_by_id: parts.renewed_by_id,
            services,
            terms: parts.terms,
            signatories: parts.signatories,
            documents: parts.documents,
            suspensions: parts.suspensions,
            author: row.author,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(Convention);

impl Located for Convention {
    fn location(&self) -> String {
        format!("/v1/conventions/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::page! {
    /// A page of conventions.
    ConventionPage of Convention
}
