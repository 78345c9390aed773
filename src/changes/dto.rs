//! Changes in the contract.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::store::ChangeRow;
use crate::db::{Id, UtcTs};
use crate::http::description::Description;
use crate::http::feed::FeedInfo;
use crate::http::page::QueryParams;
use crate::trail::{ChangeKind, DeletionReason, Resource};

/// That an object was created, changed or deleted. It tells nothing else of it: read the object.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c61", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "resource": "contact", "object_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62", "kind": "deleted",
    "deletion_reason": "duplicate", "happened_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct ChangeEvent {
    /// Identifier of the change: it never comes twice.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// What the object is.
    pub resource: Resource,
    /// Which object.
    pub object_id: Id,
    /// What happened to it.
    pub kind: ChangeKind,
    /// Why it is gone; null unless it was deleted.
    pub deletion_reason: Option<DeletionReason>,
    /// When it happened. Not the order of the feed: a change that took long to write comes later.
    pub happened_at: UtcTs,
}

impl From<ChangeRow> for ChangeEvent {
    fn from(row: ChangeRow) -> Self {
        Self {
            id: row.id,
            service_id: row.service_id,
            resource: row.resource,
            object_id: row.object_id,
            kind: row.kind,
            deletion_reason: row.deletion_reason,
            happened_at: row.happened_at,
        }
    }
}

/// A page of the feed of changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangePage {
    /// The changes, in the order of the feed.
    pub data: Vec<ChangeEvent>,
    /// Where this page stands in the feed.
    pub page: FeedInfo,
}

/// What the feed keeps; every condition that is given.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ChangeFilter {
    /// Of this service; of every service that the token may see when absent.
    pub service_id: Option<Id>,
    /// Of these kinds of object, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20, example = json!(["referral", "case"]))]
    pub resource: Option<Vec<Resource>>,
}

impl QueryParams for ChangeFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<Resource>();
    }
}
