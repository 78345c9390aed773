//! Merges in the contract.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::MergeAction;
use crate::cases::corrections::dto::CountedIn;
use crate::db::{Id, UtcTs};
use crate::households::model::IdentityMember;
use crate::naming::model::{Named, Names};
use crate::privacy::Secret;
use crate::trail::Resource;

/// Which child merges into the one of the path, and why.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "absorbed_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c74", "reason": "Signalé deux fois : par la crèche, puis par la famille."
}))]
pub struct MergeInput {
    /// The child that merges into the one of the path. It is of the same service.
    pub absorbed_id: Id,
    /// Why they are one child. Personal data, encrypted at rest.
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 1000)]
    pub reason: Option<Secret<String>>,
}

/// How a merge is requested.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct MergeOptions {
    /// `true`: nothing is written, and the response says what would move.
    #[param(default = false, example = true)]
    pub dry_run: Option<bool>,
}

/// An object that a merge moved.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"resource": "contact", "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c75"}))]
pub struct MovedObject {
    /// Kind of object.
    pub resource: Resource,
    /// Identifier of the object.
    pub id: Id,
}

/// The merge of two children that were recorded for one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c90", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "survivor_child_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c72", "survivor_child_name": "Zoé Exemple",
    "survivor_household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c71",
    "survivor_case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "absorbed_child_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c74", "absorbed_child_name": null,
    "absorbed_household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c76",
    "absorbed_case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c77",
    "moved": [{"resource": "contact", "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c75"}],
    "reason": "Signalé deux fois : par la crèche, puis par la famille.",
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "author_name": "La coordinatrice",
    "merged_at": "2026-03-02T08:15:00.000000Z", "undo_until": "2026-04-01T08:15:00.000000Z", "undone_at": null,
    "undone_by": null, "undone_by_name": null, "available_actions": ["undo"], "version": 1
}))]
pub struct ChildMerge {
    /// Identifier; null in a dry run.
    pub id: Option<Id>,
    /// The service.
    pub service_id: Id,
    /// The child that stays.
    pub survivor_child_id: Id,
    /// Its name; null if the caller does not hold `households:read`, and after an erasure.
    #[schema(value_type = Option<String>)]
    pub survivor_child_name: Option<Secret<String>>,
    /// Its household.
    pub survivor_household_id: Id,
    /// Its open case, into which the open case of the other child went. Null if only one of them had an open case: it goes on as
    /// it is.
    pub survivor_case_id: Option<Id>,
    /// The child that merged into it.
    pub absorbed_child_id: Id,
    /// Its name until the merge; null once it is merged: it is the other child.
    #[schema(value_type = Option<String>)]
    pub absorbed_child_name: Option<Secret<String>>,
    /// The household that merged into the other. Null if both children were of one household.
    pub absorbed_household_id: Option<Id>,
    /// The open case that went into the other; null if only one of the children had an open case.
    pub absorbed_case_id: Option<Id>,
    /// What names the survivor, its household or its case since, instead of what was absorbed.
    pub moved: Vec<MovedObject>,
    /// Why they are one child; null if it was not said, or if the personal data were erased.
    #[schema(value_type = Option<String>)]
    pub reason: Option<Secret<String>>,
    /// Who merged them.
    pub author: String,
    /// Name of the author; null for API clients.
    pub author_name: Option<String>,
    /// When they were merged; null in a dry run.
    pub merged_at: Option<UtcTs>,
    /// Until when the merge can be undone; null in a dry run.
    pub undo_until: Option<UtcTs>,
    /// When it was undone; null if it was not.
    pub undone_at: Option<UtcTs>,
    /// Who undid it; null if it was not undone.
    pub undone_by: Option<String>,
    /// Name of who undid it; null for API clients.
    pub undone_by_name: Option<String>,
    /// The actions allowed now.
    pub available_actions: Vec<MergeAction>,
    /// The published statistics that counted the absorbed child, in the response of the merge and of its dry run. They do not change.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<CountedIn>, required = false)]
    pub counted_in: Option<Vec<CountedIn>>,
    /// The members in which the identities of the two children differ, in the response of the merge and of its dry run. The child
    /// that stays keeps its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<IdentityMember>, required = false)]
    pub differs: Option<Vec<IdentityMember>>,
    /// Version; 0 in a dry run.
    pub version: i32,
}

impl Named for ChildMerge {
    fn show_names(&mut self, names: &mut Names) {
        names.child(Some(self.survivor_child_id), &mut self.survivor_child_name);
        names.child(Some(self.absorbed_child_id), &mut self.absorbed_child_name);
    }
}

crate::versioned!(ChildMerge);

crate::page! {
    /// A page of merges, latest first.
    ChildMergePage of ChildMerge
}

/// Filters of merges; all of them apply.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct ChildMergeFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Only this service. By default, every service that the caller can access.
    pub service_id: Option<Id>,
}
