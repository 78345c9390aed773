//! Requests and responses about defects.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::{DefectKind, DefectSettlement, DefectStatus};
use crate::db::{Id, UtcTs, text_enum};
use crate::naming::model::{Named, Names};

/// Parts of a copy that are missing or damaged.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d14", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "copy_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12", "copy_label": "1", "kit_title": "Sensorielle", "item_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d11", "item_label": "Arrosoir",
    "kind": "missing", "quantity": 1, "status": "to_buy", "found_on": "2026-06-22",
    "check_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d13", "settled_on": null, "version": 1,
    "created_at": "2026-06-22T09:00:00.000000Z", "updated_at": "2026-06-22T09:00:00.000000Z"
}))]
pub struct KitDefect {
    /// Identifier.
    pub id: Id,
    /// The service of the kit.
    pub service_id: Id,
    /// The copy.
    pub copy_id: Id,
    /// Label on the copy.
    pub copy_label: Option<String>,
    /// Title of the kit, in the language of the response.
    pub kit_title: Option<String>,
    /// The item.
    pub item_id: Id,
    /// Label of the item, in the language of the response.
    pub item_label: Option<String>,
    /// Missing or damaged.
    pub kind: DefectKind,
    /// Number of parts.
    pub quantity: i32,
    /// Current state.
    pub status: DefectStatus,
    /// When it was found.
    pub found_on: NaiveDate,
    /// The check that found it.
    pub check_id: Id,
    /// When it was settled; null while it is open.
    pub settled_on: Option<NaiveDate>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl Named for KitDefect {
    fn show_names(&mut self, names: &mut Names) {
        names.copy(Some(self.copy_id), &mut self.copy_label);
        names.kit_of_copy(self.copy_id, &mut self.kit_title);
        names.item(Some(self.item_id), &mut self.item_label);
    }
}

crate::versioned!(KitDefect);

crate::page! {
    /// A page of defects.
    KitDefectPage of KitDefect
}

/// How a defect is settled.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"status": "replaced"}))]
pub struct KitDefectSettlement {
    /// Replaced or written off.
    pub status: DefectSettlement,
    /// When; today by default.
    pub settled_on: Option<NaiveDate>,
}

text_enum! {
    /// Order of the list of defects.
    pub enum KitDefectSort {
        /// Most recently found first.
        FoundOnDesc = "-found_on",
        /// Least recently found first.
        FoundOn = "found_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters of the list of defects. A row must match every filter given.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct KitDefectFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub(super) id: Option<Vec<Id>>,
    /// Of this service. If absent, of every service that the caller can access.
    pub(super) service_id: Option<Id>,
    /// Of the copies of this kit.
    pub(super) kit_id: Option<Id>,
    /// Of this copy.
    pub(super) copy_id: Option<Id>,
    /// Missing or damaged.
    pub(super) kind: Option<DefectKind>,
    /// One or more statuses, comma-separated. `to_buy` gives the shopping list.
    #[param(style = Form, explode = false, example = json!(["to_buy"]))]
    pub(super) status: Option<Vec<DefectStatus>>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp:
    /// to miss none, let consecutive requests overlap by one minute.
    pub(super) updated_since: Option<UtcTs>,
    /// Order of the list; most recently found first by default.
    pub(super) sort: Option<KitDefectSort>,
}
