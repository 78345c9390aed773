//! The document of a release in the contract. The types here only describe its bytes;
//! `passerelle_disclosure::document` has the types that make it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::model::TierCode;
use crate::db::UtcTs;
use crate::statistics::formats::dto::{
    DatasetDimension, DatasetLabel, DatasetLicence, DatasetPolicy, DatasetSpec, DatasetTable,
};

/// A release as signed.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "describes stored bytes in the contract")]
#[schema(example = json!({
    "format": "passerelle-release/4", "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f30",
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
    /// Name and version of the document format.
    pub format: String,
    /// Identifier of the release; empty in a draft.
    pub id: String,
    /// The service whose figures these are.
    pub service_id: String,
    /// Its name on the day of the release.
    pub service_name: String,
    /// The calendar year.
    pub year: i32,
    /// The last quarter covered.
    pub through: String,
    /// Who may read it.
    pub tier: TierCode,
    /// Number among the releases of the service and tier; 0 in a draft.
    pub number: u32,
    /// The cut-off: what was recorded until this instant is counted.
    pub cut_off: UtcTs,
    /// When it was signed; empty in a draft.
    pub signed_at: String,
    /// The release that it replaces, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<StatisticsSupersedes>,
    /// SHA-256 of the previous release of the service and tier, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub predecessor_sha256: Option<String>,
    /// The protection policy.
    pub policy: DatasetPolicy,
    /// The specification that it follows.
    pub spec: DatasetSpec,
    /// Version of the definitions of what is counted.
    pub definitions_version: String,
    /// Version of the code lists.
    pub nomenclatures_version: String,
    /// Reuse licence.
    pub licence: DatasetLicence,
    /// Notes on how to read the figures.
    pub notes: Vec<DatasetLabel>,
    /// The dimensions, the period first.
    pub dimensions: Vec<DatasetDimension>,
    /// The tables.
    pub tables: Vec<DatasetTable>,
    /// Published cells that an earlier release of the year hid, and that became public by their class since.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<StatisticsCellNumber>, required = false)]
    pub decided_public: Option<Vec<StatisticsCellNumber>>,
    /// Figures made public elsewhere, in releases made until November 2026. Later ones list none.
    pub facts: Vec<StatisticsReleaseFact>,
    /// The proofs, one per population. `passerelle release verify` checks them by addition.
    pub certificates: Vec<BTreeMap<String, serde_json::Value>>,
}

/// A cell of a release, by its position.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "describes stored bytes in the contract")]
#[schema(example = json!({"table": "children", "cell": 6}))]
pub struct StatisticsCellNumber {
    /// The code of its table.
    pub table: String,
    /// Its position among the table's cells, from 0.
    pub cell: u32,
}

/// The release that another one replaces.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "describes stored bytes in the contract")]
#[schema(example = json!({"id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f30", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "reason": "Un tableau de plus."}))]
pub struct StatisticsSupersedes {
    /// Identifier of the replaced release.
    pub id: String,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// The reason.
    pub reason: String,
}

/// A figure made public elsewhere.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "describes stored bytes in the contract")]
#[schema(example = json!({"population": "children", "coordinates": {"period": "2025-S1", "territory": "commune:63284"}, "value": 1, "source": "Procès-verbal du 12 septembre 2025"}))]
pub struct StatisticsReleaseFact {
    /// The population that it counts.
    pub population: String,
    /// Its coordinates: the code of a value by dimension, the period included.
    pub coordinates: BTreeMap<String, String>,
    /// The figure.
    pub value: u64,
    /// Where it was made public.
    pub source: String,
}

/// A release in a signed envelope (DSSE).
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "describes stored bytes in the contract")]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"payloadType": "application/vnd.passerelle.release+json", "payload": "e30=", "signatures": [{"keyid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "sig": "c2ln"}]}))]
pub struct StatisticsEnvelope {
    /// `application/vnd.passerelle.release+json`.
    pub payload_type: String,
    /// The bytes of the release, in base64.
    #[schema(max_length = 100_000_000)]
    pub payload: String,
    /// Its signatures.
    pub signatures: Vec<StatisticsSignature>,
}

/// A signature of a release.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "describes stored bytes in the contract")]
#[schema(example = json!({"keyid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "sig": "c2ln"}))]
pub struct StatisticsSignature {
    /// The key that signed: see `/v1/statistics/keys`.
    pub keyid: String,
    /// The Ed25519 signature, in base64.
    pub sig: String,
}
