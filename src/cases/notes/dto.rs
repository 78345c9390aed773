//! Notes of cases in the contract.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::CaseNoteKind;
use crate::cases::interventions::dto::distinct;
use crate::db::{Id, UtcTs, text_enum};
use crate::privacy::Secret;

/// A note to be written.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "summary", "text": "La famille et la crèche s'accordent sur deux matinées."
}))]
pub struct CaseNoteInput {
    /// Kind. A restricted note is read by its author and its readers only.
    pub kind: CaseNoteKind,
    /// The intervention of the case that it is about; none for the case as a whole.
    pub intervention_id: Option<Id>,
    /// Text: personal data, encrypted at rest.
    #[schema(format = "lines", value_type = String, min_length = 1, max_length = 8000)]
    pub text: Secret<String>,
    /// The users of the service who read a restricted note, each once; none to keep it to oneself.
    #[serde(default)]
    #[schema(max_items = 20)]
    #[validate(custom(function = "distinct"))]
    pub reader_ids: Vec<Id>,
}

/// A note of a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f50", "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "intervention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c81", "kind": "restricted",
    "text": "À reprendre avec la psychologue avant la réunion.",
    "reader_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c65"], "reader_names": ["La psychologue"],
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "La coordinatrice", "version": 1,
    "created_at": "2026-03-12T16:30:00.000000Z", "updated_at": "2026-03-12T16:30:00.000000Z"
}))]
pub struct CaseNoteRecord {
    /// Identifier.
    pub id: Id,
    /// The case.
    pub case_id: Id,
    /// The intervention that it is about; null for the case as a whole, and once the intervention is removed.
    pub intervention_id: Option<Id>,
    /// Kind.
    pub kind: CaseNoteKind,
    /// Text; null if the personal data were erased.
    #[schema(value_type = Option<String>, max_length = 8000)]
    pub text: Option<Secret<String>>,
    /// The users who read a restricted note, besides its author, in the order given.
    pub reader_ids: Vec<Id>,
    /// Their names, in the same order; none for API clients.
    pub reader_names: Vec<String>,
    /// Who wrote it.
    pub author: String,
    /// Name of who wrote it; null for API clients.
    pub author_name: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was written.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::resource!(CaseNoteRecord at "/v1/case-notes/");

crate::page! {
    /// A page of the notes of a case.
    CaseNotePage of CaseNoteRecord
}

/// Changes to a note. A merge patch (RFC 7396): an absent field keeps its value, a list replaces the previous one. The kind is
/// not changed: remove the note, and write another.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "La famille et la crèche s'accordent sur trois matinées."}))]
pub struct CaseNotePatch {
    /// Text.
    #[serde(default)]
    #[schema(format = "lines", value_type = String, required = false, min_length = 1, max_length = 8000)]
    pub text: Option<Secret<String>>,
    /// The users of the service who read a restricted note.
    #[serde(default)]
    #[schema(value_type = Vec<Id>, required = false, max_items = 20)]
    #[validate(custom(function = "distinct"))]
    pub reader_ids: Option<Vec<Id>>,
}

/// Filters on the notes of a case; all of them apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct CaseNoteFilter {
    /// Only the notes of this kind.
    pub(super) kind: Option<CaseNoteKind>,
    /// Only the notes about this intervention.
    pub(super) intervention_id: Option<Id>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub(super) updated_since: Option<UtcTs>,
    /// Sort order. Default: latest first.
    pub(super) sort: Option<CaseNoteSort>,
}

text_enum! {
    /// Sort order of the notes of a case.
    pub enum CaseNoteSort {
        /// Latest first.
        CreatedAtDesc = "-created_at",
        /// Earliest first.
        CreatedAt = "created_at",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}
