//! Copies in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::store::CopyRow;
use crate::db::{Id, UtcTs};
use crate::http::body::broken;
use crate::http::reply::Located;
use crate::nomenclatures::codes::KitCondition;

/// A copy to be added to a kit.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"label": "1", "condition": "new", "home_site": "Clermont-Ferrand"}))]
pub struct NewKitCopy {
    /// What is written on it. Unique among the copies of the kit.
    #[schema(min_length = 1, max_length = 50, pattern = r"\S")]
    pub label: String,
    /// In which state it is: one that may be lent.
    #[validate(custom(function = "may_be_lent"))]
    pub condition: KitCondition,
    /// Where it is when nobody has it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub home_site: String,
}

/// A copy that is lost or retired is not lent.
pub(in crate::lending) fn may_be_lent(condition: &KitCondition) -> Result<(), ValidationError> {
    if ends_service(condition) {
        return Err(broken(
            "not_to_be_lent",
            "",
            "Dans cet état, un exemplaire ne se prête pas.",
            "In this condition, a copy is not lent.",
        ));
    }
    Ok(())
}

/// Whether a copy in this condition is out of service.
pub fn ends_service(condition: &KitCondition) -> bool {
    condition.is("lost") || condition.is("retired")
}

/// A correction of a copy, as a merge patch: what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"home_site": "Issoire"}))]
pub struct KitCopyPatch {
    /// What is written on it. Unique among the copies of the kit.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 50, pattern = r"\S")]
    pub label: Option<String>,
    /// Where it is when nobody has it.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub home_site: Option<String>,
}

/// A copy goes out of service.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "En réparation"}))]
pub struct KitCopyWithdrawal {
    /// Why, for the catalogue: nothing about anybody.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub reason: String,
    /// Since when, today unless said.
    pub since: Option<NaiveDate>,
}

/// A copy is in service again.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"condition": "good"}))]
pub struct KitCopyReturn {
    /// In which state it is: one that may be lent.
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
    /// What is written on it.
    pub label: String,
    /// In which state it is, as it was last checked.
    pub condition: KitCondition,
    /// Where it is when nobody has it.
    pub home_site: String,
    /// Since when it is not to be lent; null while it is.
    #[schema(required = true)]
    pub out_of_service_since: Option<NaiveDate>,
    /// Why it is not to be lent.
    #[schema(required = true)]
    pub out_of_service_reason: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl From<CopyRow> for KitCopy {
    fn from(row: CopyRow) -> Self {
        Self {
            id: row.id,
            service_id: row.service_id,
            kit_id: row.kit_id,
            label: row.label,
            condition: row.condition,
            home_site: row.home_site,
            out_of_service_since: row.out_of_service_since,
            out_of_service_reason: row.out_of_service_reason,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(KitCopy);

impl Located for KitCopy {
    fn location(&self) -> String {
        format!("/v1/kit-copies/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}
