//! Requests and responses about items.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::db::Id;
use crate::http::Field;
use crate::nomenclatures::codes::KitItemCategory;

/// An item to add to a kit.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"category": "adapted_toy", "label_fr": "Balle à picots", "label_en": "Spiky ball", "quantity": 2}))]
pub struct KitItemInput {
    /// Category of the item.
    pub category: KitItemCategory,
    /// Label in French.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub label_fr: String,
    /// Label in English.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub label_en: Option<String>,
    /// How many every copy should contain.
    #[schema(minimum = 1, maximum = 1000)]
    pub quantity: i32,
}

/// Changes to an item. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"quantity": 3}))]
pub struct KitItemPatch {
    /// Category of the item.
    #[serde(default)]
    #[schema(value_type = KitItemCategory, required = false)]
    pub category: Option<KitItemCategory>,
    /// Label in French.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub label_fr: Option<String>,
    /// Label in English; null if it has none.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"\S")]
    pub label_en: Field<String>,
    /// How many every copy should contain; 0 if the item is no longer part of the kit.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 1000)]
    pub quantity: Option<i32>,
}

/// An item that every copy of a kit should contain.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d11", "kit_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d10",
    "category": "adapted_toy", "label_fr": "Balle à picots", "label_en": "Spiky ball", "quantity": 2, "version": 1
}))]
pub struct KitItem {
    /// Identifier.
    pub id: Id,
    /// The kit.
    pub kit_id: Id,
    /// Category of the item.
    pub category: KitItemCategory,
    /// Label in French.
    pub label_fr: String,
    /// Label in English.
    pub label_en: Option<String>,
    /// How many every copy should contain; 0 if the item is no longer part of the kit.
    pub quantity: i32,
    /// Version of the row.
    pub version: i32,
}

crate::resource!(KitItem at "/v1/kit-items/");
