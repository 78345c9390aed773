//! Discussions as responses show them.

use super::dto::CaseDiscussion;
use super::store::DiscussionRow;
use crate::accounts::names::model::Names;
use crate::db::Id;
use crate::error::ApiError;
use crate::privacy::{self, DataKey, Place};

/// A discussion, opened with the key of its case.
pub(super) fn opened(row: DiscussionRow, key: Option<&DataKey>, names: &Names) -> Result<CaseDiscussion, ApiError> {
    Ok(CaseDiscussion {
        decision: privacy::open_unless_erased(key, decision_at(&row.id), Some(row.decision.as_slice()))?,
        author_name: names.of(&row.author),
        id: row.id,
        complex_situation_id: row.situation_id,
        held_on: row.held_on,
        author: row.author,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// Where the decision of a discussion is sealed.
pub(super) fn decision_at(id: &Id) -> Place<'_> {
    Place { table: "case_discussions", column: "decision", row: id.as_str() }
}
