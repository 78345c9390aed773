//! Requests and responses about checks.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::model::Moment;
use crate::db::{Id, UtcTs};
use crate::http::body::broken_rule;
use crate::naming::model::{Named, Names};
use crate::nomenclatures::codes::KitCondition;

/// A count of the contents of a copy: every item of the kit, once.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "condition": "good", "items": [{"item_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d11", "present": 2, "damaged": 0}]
}))]
pub struct ContentCheck {
    /// Condition of the copy. A lost or retired copy goes out of service.
    pub condition: KitCondition,
    /// The counts: one for every item whose quantity is not 0.
    #[schema(max_items = 500)]
    #[validate(nested)]
    pub items: Vec<CountedItem>,
}

/// The count of one item.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "damaged_are_present"))]
#[schema(example = json!({"item_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d11", "present": 2, "damaged": 0}))]
pub struct CountedItem {
    /// The item.
    pub item_id: Id,
    /// How many are present, including damaged ones.
    #[schema(minimum = 0, maximum = 1000)]
    pub present: i32,
    /// How many of these are damaged.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1000)]
    pub damaged: i32,
}

fn damaged_are_present(item: &CountedItem) -> Result<(), ValidationError> {
    if item.damaged > item.present {
        return Err(broken_rule(
            "more_damaged_than_present",
            "damaged",
            "Il ne peut pas y avoir plus d'éléments abîmés que d'éléments présents.",
            "There cannot be more damaged parts than parts present.",
        ));
    }
    Ok(())
}

/// A check of a copy.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d13", "copy_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12",
    "reservation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d20", "moment": "return", "condition": "incomplete",
    "checked_on": "2026-06-22", "missing": 1, "damaged": 0, "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple",
    "created_at": "2026-06-22T09:00:00.000000Z"
}))]
pub struct KitCheck {
    /// Identifier.
    pub id: Id,
    /// The copy.
    pub copy_id: Id,
    /// The loan that started or ended with this check, if any.
    pub reservation_id: Option<Id>,
    /// The occasion of the check.
    pub moment: Moment,
    /// Condition of the copy.
    pub condition: KitCondition,
    /// The day of the check.
    pub checked_on: NaiveDate,
    /// Number of missing parts.
    pub missing: i32,
    /// Number of damaged parts.
    pub damaged: i32,
    /// Who recorded it.
    pub author: String,
    /// Name of who recorded it; null for API clients.
    pub author_name: Option<String>,
    /// When it was recorded.
    pub created_at: UtcTs,
}

impl Named for KitCheck {
    fn show_names(&mut self, names: &mut Names) {
        names.author(Some(&self.author), &mut self.author_name);
    }
}

crate::page! {
    /// The checks of a copy.
    KitCheckPage of KitCheck
}
