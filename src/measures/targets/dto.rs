//! Targets in the contract.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::db::Id;
use crate::http::Field;

/// Filters of the targets of a service; all of them apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct IndicatorTargetFilter {
    /// Only those of this calendar year.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    pub year: Option<i32>,
    /// Only those of this indicator.
    #[param(max_length = 64, example = "children_accompanied")]
    pub indicator: Option<String>,
}

/// A target of a service.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "indicator": "children_accompanied", "year": 2026, "value": 39, "note": "30 enfants par équivalent temps plein"
}))]
pub struct IndicatorTargetInput {
    /// Code of the indicator.
    #[schema(max_length = 64, pattern = "^[a-z_]+$")]
    pub indicator: String,
    /// The calendar year.
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    /// The value to reach, in the unit of the indicator: a percentage is a number of percent.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub value: i32,
    /// Why, or how. Never anything about a person.
    #[schema(format = "lines", min_length = 1, max_length = 1000)]
    pub note: Option<String>,
}

/// Changes to a target. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"value": 42}))]
pub struct IndicatorTargetPatch {
    /// The value to reach, in the unit of the indicator.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 1_000_000_000)]
    pub value: Option<i32>,
    /// Why, or how; null to remove it. Never anything about a person.
    #[serde(default)]
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 1000)]
    pub note: Field<String>,
}

/// The value of an indicator that a service aims at in a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f70", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "indicator": "children_accompanied", "year": 2026, "value": 39, "note": "30 enfants par équivalent temps plein",
    "version": 1
}))]
pub struct IndicatorTarget {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// Code of the indicator.
    #[schema(max_length = 64)]
    pub indicator: String,
    /// The calendar year.
    pub year: i32,
    /// The value to reach, in the unit of the indicator.
    pub value: i32,
    /// Why, or how.
    pub note: Option<String>,
    /// Version of the row.
    pub version: i32,
}

crate::resource!(IndicatorTarget at "/v1/indicator-targets/");

crate::page! {
    /// A page of targets.
    IndicatorTargetPage of IndicatorTarget
}
