//! The settings of statistics in the contract.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::db::{Id, UtcTs};
use crate::http::Field;
use crate::naming::model::{Named, Names};

/// Changes to the statistics settings. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"spec_code": "large", "partner_threshold": 6, "reason": "Délibération du comité de pilotage"}))]
pub struct StatisticsSettingsPatch {
    /// The code of the specification to follow; null to follow the built-in one for the service's size.
    #[serde(default)]
    #[schema(value_type = Option<String>, required = false, min_length = 1, max_length = 40, pattern = "^[a-z][a-z0-9_]*$")]
    pub spec_code: Field<String>,
    /// Minimum number of children in a published cell of an open release: at least 11.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 11, maximum = 1000)]
    pub open_threshold: Option<i32>,
    /// Minimum number of children in a published cell of a partner release: at least 5.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 5, maximum = 1000)]
    pub partner_threshold: Option<i32>,
    /// The reason for this change. Releases publish it.
    #[schema(format = "lines", min_length = 1, max_length = 500, pattern = r"\S")]
    pub reason: String,
}

/// The settings of a service's statistics.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "spec_code": "small", "spec_version": 1,
    "spec_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "spec_is_chosen": false,
    "open_threshold": 11, "partner_threshold": 5, "reason": "Seuils usuels", "author": null, "author_name": null, "version": 1,
    "updated_at": null
}))]
pub struct StatisticsSettings {
    /// The service.
    pub service_id: Id,
    /// The code of the specification that it follows.
    pub spec_code: String,
    /// The latest version of the specification, which the next release follows.
    pub spec_version: i32,
    /// SHA-256 of that version, in hexadecimal.
    #[schema(min_length = 64, max_length = 64)]
    pub spec_sha256: String,
    /// Whether the service chose the specification. Otherwise it depends on the service's size.
    pub spec_is_chosen: bool,
    /// Minimum number of children in a published cell of an open release.
    pub open_threshold: i32,
    /// Minimum number of children in a published cell of a partner release.
    pub partner_threshold: i32,
    /// The reason for these settings.
    pub reason: String,
    /// Who last changed the settings; null while they are the defaults.
    pub author: Option<String>,
    /// Their name; null for API clients.
    pub author_name: Option<String>,
    /// Version of the settings.
    pub version: i32,
    /// When they last changed; null while they are the defaults.
    pub updated_at: Option<UtcTs>,
}

impl Named for StatisticsSettings {
    fn show_names(&mut self, names: &mut Names) {
        names.author(self.author.as_deref(), &mut self.author_name);
    }
}

crate::versioned!(StatisticsSettings);

#[cfg(test)]
mod tests {
    use passerelle_disclosure::policy::{LEAST_OPEN_THRESHOLD, LEAST_PARTNER_THRESHOLD};
    use utoipa::PartialSchema;

    use crate::statistics::settings::dto::*;

    /// The macro takes only literals, so the test compares them with the policy.
    #[test]
    fn the_contract_has_the_least_thresholds_of_the_policy() {
        let schema = serde_json::to_value(StatisticsSettingsPatch::schema()).unwrap();
        let minimum = |field: &str| schema["properties"][field]["minimum"].as_f64();
        assert_eq!(minimum("open_threshold"), Some(LEAST_OPEN_THRESHOLD.into()));
        assert_eq!(minimum("partner_threshold"), Some(LEAST_PARTNER_THRESHOLD.into()));
    }
}
