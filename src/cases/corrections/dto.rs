//! Corrections in the contract.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::{Id, UtcTs, text_enum};
use crate::naming::model::{Named, Names};
use crate::privacy::Secret;
use crate::trail::DeletionReason;

text_enum! {
    /// What happened to a record.
    pub enum CorrectionKind {
        /// Some of its values were corrected.
        Correct = "correct",
        /// It was removed.
        Remove = "remove",
    }
}

/// A correction of a record, or its removal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "version": 2, "kind": "correct", "reason": null,
    "changes": [{"field": "minutes", "before": "750", "after": "75"}],
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "author_name": "Dominique Exemple", "created_at": "2026-03-13T09:00:00.000000Z"
}))]
pub struct Correction {
    /// Version of the record after the correction.
    pub version: i32,
    /// What happened to it.
    pub kind: CorrectionKind,
    /// Reason of a removal; null for a correction.
    pub reason: Option<DeletionReason>,
    /// The values that changed, in the order of their names; for a removal, the values that were removed. Null if the
    /// personal data were erased.
    pub changes: Option<Vec<FieldChange>>,
    /// Who corrected or removed it.
    pub author: String,
    /// Their name; null for API clients.
    pub author_name: Option<String>,
    /// When.
    pub created_at: UtcTs,
}

impl Named for Correction {
    fn show_names(&mut self, names: &mut Names) {
        names.author(Some(&self.author), &mut self.author_name);
    }
}

/// A value before and after a correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"field": "minutes", "before": "750", "after": "75"}))]
pub struct FieldChange {
    /// Name of the field, as in the record.
    pub field: String,
    /// Its former value as text: a list is written as JSON. Null if it had none.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub before: Option<Secret<String>>,
    /// Its value since, in the same form. Null if it has none, or if the record was removed.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub after: Option<Secret<String>>,
}

crate::page! {
    /// A page of the corrections of a record, oldest first.
    CorrectionPage of Correction
}

/// A published release that counted the child of the record. It does not change. Of a closed year, the releases since the
/// first day of the record are listed. Releases whose records were replaced by corrected ones are not: nothing says any more
/// whom they counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "release_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c99", "through": "2026-Q1", "tier": "open", "correctable": true
}))]
pub struct CountedIn {
    /// Identifier of the release.
    pub release_id: Id,
    /// The last quarter that it counts: `2026-Q1`.
    pub through: String,
    /// `open` for everybody, `partner` for partner institutions.
    pub tier: String,
    /// Whether the last release of the year can still be replaced by one with corrected records: `records` of
    /// `POST /v1/services/{id}/statistics-builds`. Once the year is closed, or was corrected, corrections count in the next year only.
    pub correctable: bool,
}

/// A record that was removed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "counted_in": [{
        "release_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c99", "through": "2026-Q1", "tier": "open", "correctable": true
    }]
}))]
pub struct Removal {
    /// The published releases that counted the child in the years of the record. They do not change: prepare a release with
    /// corrected records, where `correctable` is true.
    pub counted_in: Vec<CountedIn>,
}
