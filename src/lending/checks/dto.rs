//! Checks in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::model::Moment;
use super::store::CheckRow;
use crate::db::{Id, UtcTs};
use crate::http::body::broken;
use crate::nomenclatures::codes::KitCondition;

/// The contents of a copy, counted: every item of the kit, once.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "condition": "good", "items": [{"item_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d11", "present": 2, "damaged": 0}]
}))]
pub struct ContentCheck {
    /// In which state the copy is. Lost or retired, it goes out of service.
    pub condition: KitCondition,
    /// What was counted: every item whose quantity is not 0.
    #[schema(max_items = 500)]
    #[validate(nested)]
    pub items: Vec<CountedItem>,
}

/// One item as it was counted.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "damaged_are_present"))]
#[schema(example = json!({"item_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d11", "present": 2, "damaged": 0}))]
pub struct CountedItem {
    /// The item.
    pub item_id: Id,
    /// How many there are, damaged ones included.
    #[schema(minimum = 0, maximum = 1000)]
    pub present: i32,
    /// How many of those are damaged.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1000)]
    pub damaged: i32,
}

fn damaged_are_present(item: &CountedItem) -> Result<(), ValidationError> {
    if item.damaged > item.present {
        return Err(broken(
            "more_damaged_than_present",
            "damaged",
            "Plus d'éléments abîmés que d'éléments présents.",
            "More damaged ones than there are.",
        ));
    }
    Ok(())
}

/// A check of a copy.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d13", "copy_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12",
    "reservation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d20", "moment": "return", "condition": "incomplete",
    "checked_on": "2026-06-22", "missing": 1, "damaged": 0, "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10",
    "created_at": "2026-06-22T09:00:00.000000Z"
}))]
pub struct KitCheck {
    /// Identifier.
    pub id: Id,
    /// The copy.
    pub copy_id: Id,
    /// The loan that it began or ended, if any.
    #[schema(required = true)]
    pub reservation_id: Option<Id>,
    /// When it took place.
    pub moment: Moment,
    /// In which state the copy was.
    pub condition: KitCondition,
    /// The day.
    pub checked_on: NaiveDate,
    /// Parts that were missing.
    pub missing: i32,
    /// Parts that were damaged.
    pub damaged: i32,
    /// Who checked.
    pub author: String,
    /// When it was recorded.
    pub created_at: UtcTs,
}

impl From<CheckRow> for KitCheck {
    fn from(row: CheckRow) -> Self {
        Self {
            id: row.id,
            copy_id: row.copy_id,
            reservation_id: row.reservation_id,
            moment: row.moment,
            condition: row.condition,
            checked_on: row.checked_on,
            missing: row.missing,
            damaged: row.damaged,
            author: row.author,
            created_at: row.created_at,
        }
    }
}

crate::page! {
    /// The checks of a copy.
    KitCheckPage of KitCheck
}
