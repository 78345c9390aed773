//! The settings of statistics in the contract.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::db::{Id, UtcTs};
use crate::http::Field;

/// A correction of how a service publishes, as a merge patch: what is absent stays.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"spec_code": "large", "partner_threshold": 6, "reason": "Délibération du comité de pilotage"}))]
pub struct StatisticsSettingsPatch {
    /// The code of the specification to publish by; null for the one of the service's size.
    #[serde(default)]
    #[schema(value_type = Option<String>, required = false, min_length = 1, max_length = 40, pattern = "^[a-z][a-z0-9_]*$")]
    pub spec_code: Field<String>,
    /// The least number of children of a cell that everybody may read: 11 or more.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 11, maximum = 1000)]
    pub open_threshold: Option<i32>,
    /// The least number of children of a cell that partners may read, under an agreement: 5 or more.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 5, maximum = 1000)]
    pub partner_threshold: Option<i32>,
    /// Why. Releases show it.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S")]
    pub reason: String,
}

/// How a service publishes its statistics.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "spec_code": "small", "spec_version": 1,
    "spec_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "spec_is_chosen": false,
    "open_threshold": 11, "partner_threshold": 5, "reason": "Seuils usuels", "author": null, "version": 1,
    "updated_at": null
}))]
pub struct StatisticsSettings {
    /// The service.
    pub service_id: Id,
    /// The code of the specification that it publishes by.
    pub spec_code: String,
    /// Its latest version: the one that the next release follows.
    pub spec_version: i32,
    /// SHA-256 of that version, in hexadecimal.
    #[schema(min_length = 64, max_length = 64)]
    pub spec_sha256: String,
    /// Whether the service chose it; it goes by the service's size otherwise.
    pub spec_is_chosen: bool,
    /// The least number of children of a cell that everybody may read.
    pub open_threshold: i32,
    /// The least number of children of a cell that partners may read.
    pub partner_threshold: i32,
    /// Why.
    pub reason: String,
    /// Who said so; null while the service publishes by the rules that every service begins with.
    #[schema(required = true)]
    pub author: Option<String>,
    /// Version of the settings.
    pub version: i32,
    /// When they last changed, likewise.
    #[schema(required = true)]
    pub updated_at: Option<UtcTs>,
}

crate::versioned!(StatisticsSettings);
