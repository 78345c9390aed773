//! The request bodies that record and correct a convention.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{ConventionDocument, OpenedService, Signatory};
use crate::db::Id;
use crate::http::Field;
use crate::territories::TerritoryKey;

/// A new convention, recorded as a draft.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "collectivity": "epci:200070753", "reference": "2026-03",
    "starts_on": "2026-01-01", "ends_on": "2026-12-31",
    "services": [{"complementary_service": "pedagogical_days", "yearly_quota": 2}],
    "signatories": [{"party": "collectivity", "name": "Dominique Exemple", "capacity": "Président"}]
}))]
pub struct ConventionInput {
    /// The service that is funded.
    pub service_id: Id,
    /// The local authority: an EPCI (`epci:200070753`) or a commune (`commune:63032`).
    pub collectivity: TerritoryKey,
    /// Reference number that the parties use.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    pub reference: Option<String>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day, at most ten years after the first.
    pub ends_on: NaiveDate,
    /// The complementary services that it gives access to. Each may appear only once.
    #[schema(max_items = 20)]
    pub services: Vec<OpenedService>,
    /// The signatories.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub signatories: Vec<Signatory>,
    /// Links to documents stored elsewhere.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<ConventionDocument>,
    /// The convention that it renews: same local authority, earlier start date.
    pub renews_id: Option<Id>,
}

/// Changes to a convention. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reference": "2026-03 bis"}))]
pub struct ConventionPatch {
    /// Reference number that the parties use; null for none.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"\S")]
    pub reference: Field<String>,
    /// First day. It can change only before the signature.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub starts_on: Option<NaiveDate>,
    /// Last day. It can change only before the signature.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub ends_on: Option<NaiveDate>,
    /// The complementary services that it gives access to: the list replaces the previous one. It can change only
    /// before the signature.
    #[serde(default)]
    #[schema(value_type = Vec<OpenedService>, required = false, max_items = 20)]
    pub services: Option<Vec<OpenedService>>,
    /// The signatories: the list replaces the previous one.
    #[serde(default)]
    #[schema(value_type = Vec<Signatory>, required = false, max_items = 20)]
    pub signatories: Option<Vec<Signatory>>,
    /// Links to documents stored elsewhere: the list replaces the previous one.
    #[serde(default)]
    #[schema(value_type = Vec<ConventionDocument>, required = false, max_items = 20)]
    pub documents: Option<Vec<ConventionDocument>>,
}
