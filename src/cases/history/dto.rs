//! The history of a case in the contract.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::cases::corrections::dto::FieldChange;
use crate::db::{Id, UtcTs};
use crate::nomenclatures::codes::CaseOutcome;
use crate::trail::Resource;

/// An event of the history of a case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "version": 6, "action": "close", "outcome": "effective_placement", "happened_on": "2026-06-30", "changes": null,
    "object_kind": null, "object_id": null,
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "author_name": "La coordinatrice",
    "created_at": "2026-06-30T14:00:00.000000Z"
}))]
pub struct CaseEvent {
    /// The case: the one of the path, or one that was merged into it.
    pub case_id: Id,
    /// Version of this case after the event.
    pub version: i32,
    /// `open`, `close`, `reopen`, `correct`, `remove` (an intervention was removed), `merge` (another record of the child was merged
    /// with this one), `undo_merge` (they were separated again) or `annul`: with the referral that opened it, the case was
    /// removed.
    #[schema(example = "close")]
    pub action: String,
    /// Outcome of a closure. Reopening the case clears its outcome, but not this one.
    pub outcome: Option<CaseOutcome>,
    /// Date given by the author; of a removal, the day of the record; of a merge, the day on which it was done.
    pub happened_on: NaiveDate,
    /// The values that the event corrected or removed, before and after. Null for other events, for callers without
    /// `cases:correct`, and if the personal data were erased.
    pub changes: Option<Vec<FieldChange>>,
    /// Author.
    pub author: String,
    /// Name of the author; null for API clients.
    pub author_name: Option<String>,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// Kind of the record that was removed, or `child_merge`; null for other events.
    pub object_kind: Option<Resource>,
    /// The record that was removed, whose own history is still there, or the merge; null for other events.
    pub object_id: Option<Id>,
}

crate::page! {
    /// A page of the history of a case, oldest first.
    CaseEventPage of CaseEvent
}
