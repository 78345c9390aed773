//! The history of a case in the contract.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::store::CaseEventRow;
use crate::db::UtcTs;
use crate::nomenclatures::codes::CaseOutcome;

/// Something that changed the state of a case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "version": 6, "action": "close", "outcome": "effective_placement", "happened_on": "2026-06-30",
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "created_at": "2026-06-30T14:00:00.000000Z"
}))]
pub struct CaseEvent {
    /// The version of the case that it made.
    pub version: i32,
    /// `open`, `close` or `reopen`.
    #[schema(example = "close")]
    pub action: String,
    /// The outcome of a closing; a reopening takes it from the case, not from here.
    pub outcome: Option<CaseOutcome>,
    /// The date that the author gave.
    pub happened_on: NaiveDate,
    /// Who did it.
    pub author: String,
    /// When it was recorded.
    pub created_at: UtcTs,
}

impl From<CaseEventRow> for CaseEvent {
    fn from(row: CaseEventRow) -> Self {
        Self {
            version: row.version,
            action: row.action,
            outcome: row.outcome,
            happened_on: row.happened_on,
            author: row.author,
            created_at: row.created_at,
        }
    }
}

crate::page! {
    /// A page of the history of a case, oldest first.
    CaseEventPage of CaseEvent
}
