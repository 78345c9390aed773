//! Requests and responses about copies.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::db::{Id, UtcTs};
use crate::http::body::broken_rule;
use crate::nomenclatures::codes::KitCondition;

/// A copy to add to a kit.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"label": "1", "condition": "new", "home_site": "Clermont-Ferrand"}))]
pub struct KitCopyInput {
    /// Label on the copy. Unique among the copies of the kit.
    #[schema(min_length = 1, max_length = 50, pattern = r"\S")]
    pub label: String,
    /// Condition: one in which a copy may be lent.
    #[validate(custom(function = "may_be_lent"))]
    pub condition: KitCondition,
    /// Where it is stored.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub home_site: String,
}

/// Refuses the conditions in which a copy is not lent.
pub(in crate::lending) fn may_be_lent(condition: &KitCondition) -> Result<(), ValidationError> {
    if ends_service(condition) {
        return Err(broken_rule(
            "not_to_be_lent",
            "",
            "Un exemplaire dans cet état ne peut pas être prêté.",
            "A copy in this condition cannot be lent.",
        ));
    }
    Ok(())
}

/// Whether this condition takes a copy out of service.
pub fn ends_service(condition: &KitCondition) -> bool {
    condition.is("lost") || condition.is("retired")
}

/// Changes to a copy. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"home_site": "Issoire"}))]
pub struct KitCopyPatch {
    /// Label on the copy. Unique among the copies of the kit.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 50, pattern = r"\S")]
    pub label: Option<String>,
    /// Where it is stored.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub home_site: Option<String>,
}

/// Takes a copy out of service.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "En réparation"}))]
pub struct KitCopyWithdrawal {
    /// Why. The catalogue shows it: do not enter personal data.
    #[schema(format = "lines", min_length = 1, max_length = 200, pattern = r"\S")]
    pub reason: String,
    /// Since when; today by default.
    pub since: Option<NaiveDate>,
}

/// Puts a copy back in service.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"condition": "good"}))]
pub struct KitCopyReturn {
    /// Condition: one in which a copy may be lent.
    #[validate(custom(function = "may_be_lent"))]
    pub condition: KitCondition,
}

/// A copy of a kit.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "kit_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d10", "label": "1", "condition": "good",
    "home_site": "Clermont-Ferrand", "out_of_service_since": null, "out_of_service_reason": null, "version": 1,
    "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct KitCopy {
    /// Identifier.
    pub id: Id,
    /// The service of the kit.
    pub service_id: Id,
    /// The kit.
    pub kit_id: Id,
    /// Label on the copy.
    pub label: String,
    /// Condition at the last check.
    pub condition: KitCondition,
    /// Where it is stored.
    pub home_site: String,
    /// Since when it is out of service; null if it is in service.
    pub out_of_service_since: Option<NaiveDate>,
    /// Why it is out of service.
    pub out_of_service_reason: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::resource!(KitCopy at "/v1/kit-copies/");
