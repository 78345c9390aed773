//! The document of a release in the contract. The types that make it are in `statistics::document`; these describe its bytes.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::model::TierCode;
use crate::db::UtcTs;

/// A release as it was signed.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "it describes bytes that are stored")]
#[schema(example = json!({
    "format": "passerelle-release/1", "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f30",
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "service_name": "Pôle Ressources Petite Enfance", "year": 2025,
    "through": "2025-Q1", "tier": "partner", "number": 1, "cut_off": "2025-04-16T08:00:00.000000Z",
    "signed_at": "2025-04-16T08:15:00.000000Z",
    "policy": {"threshold": 5, "household_threshold": 5, "without_two_referrers": 3, "reason": "Seuils usuels."},
    "spec": {"code": "small", "version": 1, "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
    "definitions_version": "2026.1", "nomenclatures_version": "2026.3",
    "licence": {"name": "Licence Ouverte 2.0 / Open Licence 2.0", "url": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"},
    "notes": [{"fr": "Une case masquée n'est pas un zéro.", "en": "A suppressed cell is not a zero."}],
    "dimensions": [
        {"id": "period", "label": {"fr": "Période", "en": "Period"}, "definition": {"fr": "Trimestre", "en": "Quarter"},
         "values": [{"code": "2025-Q1", "label": {"fr": "1er trimestre 2025", "en": "First quarter of 2025"}, "parts": [1]}]}
    ],
    "tables": [{"id": "total", "label": {"fr": "Total", "en": "Total"}, "population": "children", "dimensions": ["period"],
        "cells": [{"coordinates": ["2025-Q1"], "value": 31, "status": "published"}]}],
    "facts": [], "certificates": []
}))]
pub struct StatisticsReleaseDocument {
    /// Name and version of the format.
    pub format: String,
    /// Identifier of the release; empty in a draft.
    pub id: String,
    /// The service whose figures these are.
    pub service_id: String,
    /// Its name on the day of the release.
    pub service_name: String,
    /// The calendar year.
    pub year: i32,
    /// The last quarter that is in.
    pub through: String,
    /// Who may read it.
    pub tier: TierCode,
    /// Position among the releases of the service and tier; 0 in a draft.
    pub number: u32,
    /// Until when what was recorded is in.
    pub cut_off: UtcTs,
    /// When it was signed; empty in a draft.
    pub signed_at: String,
    /// What it replaces, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<StatisticsSupersedes>,
    /// SHA-256 of the release before it, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predecessor_sha256: Option<String>,
    /// The rule of protection.
    pub policy: StatisticsPolicy,
    /// What was asked for.
    pub spec: StatisticsSpecReference,
    /// Version of the definitions of what is counted.
    pub definitions_version: String,
    /// Version of the code lists.
    pub nomenclatures_version: String,
    /// Licence of reuse.
    pub licence: StatisticsLicence,
    /// What the figures say and do not say.
    pub notes: Vec<StatisticsReleaseLabel>,
    /// The dimensions, the period first.
    pub dimensions: Vec<StatisticsReleaseDimension>,
    /// The tables.
    pub tables: Vec<StatisticsReleaseTable>,
    /// Figures made public elsewhere, that the protection reckons with.
    pub facts: Vec<StatisticsReleaseFact>,
    /// The proofs, one a population: checked by addition, as `passerelle release verify` does.
    #[schema(value_type = Vec<Object>)]
    pub certificates: Vec<serde_json::Value>,
}

/// What a release replaces.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "it describes bytes that are stored")]
#[schema(example = json!({"id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f30", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "reason": "Un tableau de plus."}))]
pub struct StatisticsSupersedes {
    /// The release.
    pub id: String,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// Why.
    pub reason: String,
}

/// The rule of protection of a release.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "it describes bytes that are stored")]
#[schema(example = json!({"threshold": 5, "household_threshold": 5, "without_two_referrers": 3, "reason": "Seuils usuels."}))]
pub struct StatisticsPolicy {
    /// The least number of units of a published cell.
    pub threshold: u64,
    /// The least number of households of a published cell.
    pub household_threshold: u64,
    /// What must be left of a cell without the two partners that referred most.
    pub without_two_referrers: u64,
    /// Why this threshold.
    pub reason: String,
}

/// The specification that a release follows.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "it describes bytes that are stored")]
#[schema(example = json!({"code": "small", "version": 1, "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}))]
pub struct StatisticsSpecReference {
    /// Its code.
    pub code: String,
    /// Its version.
    pub version: u32,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// A licence of reuse.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "it describes bytes that are stored")]
#[schema(example = json!({"name": "Licence Ouverte 2.0 / Open Licence 2.0", "url": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"}))]
pub struct StatisticsLicence {
    /// Its name.
    pub name: String,
    /// Where its text is.
    pub url: String,
}

/// A text in both languages.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "it describes bytes that are stored")]
#[schema(example = json!({"fr": "Âge", "en": "Age"}))]
pub struct StatisticsReleaseLabel {
    /// French.
    pub fr: String,
    /// English.
    pub en: String,
}

/// A dimension of a release.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "it describes bytes that are stored")]
#[schema(example = json!({"id": "age_band", "label": {"fr": "Âge", "en": "Age"}, "definition": {"fr": "Âge atteint dans l'année", "en": "Age reached in the year"},
    "values": [{"code": "_T", "label": {"fr": "Total", "en": "Total"}, "parts": [0, 1]}]}))]
pub struct StatisticsReleaseDimension {
    /// Its code.
    pub id: String,
    /// Its name.
    pub label: StatisticsReleaseLabel,
    /// What it says of a unit.
    pub definition: StatisticsReleaseLabel,
    /// Its values, in the order in which they are shown.
    pub values: Vec<StatisticsReleaseValue>,
}

/// A value of a dimension.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "it describes bytes that are stored")]
#[schema(example = json!({"code": "age_0_2", "label": {"fr": "0-2 ans", "en": "0-2"}, "parts": [0]}))]
pub struct StatisticsReleaseValue {
    /// Its code; `_T` is the total.
    pub code: String,
    /// Its name.
    pub label: StatisticsReleaseLabel,
    /// The level of a territory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// The smallest parts that it holds: two values overlap if they share one. Of a period: its quarters.
    pub parts: Vec<u32>,
}

/// A table of a release.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "it describes bytes that are stored")]
#[schema(example = json!({"id": "total", "label": {"fr": "Total", "en": "Total"}, "population": "children", "dimensions": ["period"],
    "cells": [{"coordinates": ["2025-Q1"], "value": 31, "status": "published"}]}))]
pub struct StatisticsReleaseTable {
    /// Its code.
    pub id: String,
    /// Its name.
    pub label: StatisticsReleaseLabel,
    /// What is counted.
    pub population: String,
    /// Its dimensions, the period first, in the order of the coordinates.
    pub dimensions: Vec<String>,
    /// Every cell; none is absent.
    pub cells: Vec<StatisticsReleaseCell>,
}

/// A cell of a table.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "it describes bytes that are stored")]
#[schema(example = json!({"coordinates": ["2025-Q1"], "value": null, "status": "suppressed"}))]
pub struct StatisticsReleaseCell {
    /// Codes of values, one a dimension.
    pub coordinates: Vec<String>,
    /// The count; null when it is suppressed, which is not 0.
    #[schema(required = true)]
    pub value: Option<u64>,
    /// `published` or `suppressed`: one word for every reason.
    pub status: String,
}

/// A figure made public elsewhere.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "it describes bytes that are stored")]
#[schema(example = json!({"population": "children", "coordinates": {"period": "2025-S1", "territory": "commune:63284"}, "value": 1, "source": "Procès-verbal du 12 septembre 2025"}))]
pub struct StatisticsReleaseFact {
    /// What is counted.
    pub population: String,
    /// Codes of values by dimension.
    #[schema(value_type = Object)]
    pub coordinates: serde_json::Value,
    /// The figure.
    pub value: u64,
    /// Where it was made public.
    pub source: String,
}
