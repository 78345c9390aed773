//! Defects in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::{DefectKind, DefectSettlement, DefectStatus};
use super::store::DefectRow;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::description::Description;
use crate::http::page::QueryParams;

/// Parts of a copy that are missing or damaged.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d14", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "copy_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12", "item_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d11",
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
    /// The item.
    pub item_id: Id,
    /// What is wrong.
    pub kind: DefectKind,
    /// How many parts.
    pub quantity: i32,
    /// Where it stands.
    pub status: DefectStatus,
    /// The day it was found.
    pub found_on: NaiveDate,
    /// The check that found it.
    pub check_id: Id,
    /// The day it was settled; null while it is to be bought.
    #[schema(required = true)]
    pub settled_on: Option<NaiveDate>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl From<DefectRow> for KitDefect {
    fn from(row: DefectRow) -> Self {
        Self {
            id: row.id,
            service_id: row.service_id,
            copy_id: row.copy_id,
            item_id: row.item_id,
            kind: row.kind,
            quantity: row.quantity,
            status: row.status,
            found_on: row.found_on,
            check_id: row.check_id,
            settled_on: row.settled_on,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(KitDefect);

crate::page! {
    /// A page of defects.
    KitDefectPage of KitDefect
}

/// The end of a defect.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"status": "replaced"}))]
pub struct KitDefectSettlement {
    /// How it ends.
    pub status: DefectSettlement,
    /// When, today unless said.
    pub settled_on: Option<NaiveDate>,
}

text_enum! {
    /// Order of the defects.
    pub enum KitDefectSort {
        /// The latest found first.
        FoundOnDesc = "-found_on",
        /// The first found first.
        FoundOn = "found_on",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
    }
}

/// Which defects; every condition that is given.
#[derive(Debug, Deserialize, IntoParams)]
pub struct KitDefectFilter {
    /// Of this service; of every service that the token may see when absent.
    pub(super) service_id: Option<Id>,
    /// Of the copies of this kit.
    pub(super) kit_id: Option<Id>,
    /// Of this copy.
    pub(super) copy_id: Option<Id>,
    /// Missing or damaged.
    pub(super) kind: Option<DefectKind>,
    /// In one of these states, separated by commas: `to_buy` is the shopping list.
    #[param(style = Form, explode = false, example = json!(["to_buy"]))]
    pub(super) status: Option<Vec<DefectStatus>>,
    /// Changed at this instant or later. A change is seen once it is committed, which is a little after its instant: to miss
    /// none, ask again from a minute earlier.
    pub(super) updated_since: Option<UtcTs>,
    /// Order, the latest found first unless said.
    pub(super) sort: Option<KitDefectSort>,
}

impl QueryParams for KitDefectFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<DefectKind>();
        description.reference::<DefectStatus>();
        description.reference::<UtcTs>();
        description.reference::<KitDefectSort>();
    }
}
