//! Changes as the contract describes them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs};
use crate::http::feed::FeedInfo;
use crate::trail::{ChangeKind, DeletionReason, Resource};

/// An object was created, changed or deleted. The event holds no data of the object: read the object to get it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c61", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "resource": "intervention", "object_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62",
    "parent_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "kind": "deleted", "deletion_reason": "duplicate",
    "merged_into": null, "happened_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct ChangeEvent {
    /// Identifier of the change. It never appears twice.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// Kind of object.
    pub resource: Resource,
    /// Identifier of the object.
    pub object_id: Id,
    /// The object that it belongs to: the case of a step, an intervention or a placement. Null for other objects, and for
    /// changes recorded before this member existed.
    pub parent_id: Option<Id>,
    /// What happened to it.
    pub kind: ChangeKind,
    /// Reason of the deletion; null if it was not deleted.
    pub deletion_reason: Option<DeletionReason>,
    /// The object into which it was merged: a child, a household, a case, an intervention or a part in a team, deleted as a
    /// duplicate of this one. Null for other deletions, and if it was not deleted.
    pub merged_into: Option<Id>,
    /// When it happened. The feed is not in this order: a change in a long transaction appears later.
    pub happened_at: UtcTs,
}

/// A page of the feed of changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangePage {
    /// The changes, in the order of the feed.
    pub data: Vec<ChangeEvent>,
    /// Position of this page in the feed.
    pub page: FeedInfo,
}

/// Filters of the feed; all of them apply.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct ChangeFilter {
    /// Only this service. By default, every service that the caller can access.
    pub service_id: Option<Id>,
    /// Only these kinds of object, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20, example = json!(["referral", "case"]))]
    pub resource: Option<Vec<Resource>>,
}
