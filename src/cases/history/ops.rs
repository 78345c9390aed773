//! Recording and reading the history of a case.

use chrono::NaiveDate;
use diesel::OptionalExtension;

use super::dto::{CaseEvent, CaseEventPage};
use super::store::{self, CaseEventRow};
use crate::accounts::names;
use crate::auth::ServiceScope;
use crate::cases;
use crate::cases::corrections::ops::{self as corrections, Corrector};
use crate::cases::corrections::store::of_versions as corrected_in;
use crate::cases::model::CaseAction;
use crate::cases::store::CaseRow;
use crate::data_keys;
use crate::db::Id;
use crate::error::ApiError;
use crate::households::absorbed;
use crate::http::page::PageRequest;
use crate::trail::Resource;
use crate::work::Work;

/// The correction of a case, as an event of its history.
pub(in crate::cases) const CORRECT: &str = "correct";

/// The end of a case that goes with its referral, as an event of its history.
pub(in crate::cases) const ANNUL: &str = "annul";

/// An event of the history of a case, for the transaction that changes it: `open`, `close`, `reopen`, `correct` or `annul`.
/// `case` is the case after the event.
pub(in crate::cases) fn event(work: &Work<'_>, case: &CaseRow, action: &str, happened_on: NaiveDate) -> CaseEventRow {
    CaseEventRow {
        id: Id::at(work.now),
        service_id: case.service_id,
        case_id: case.id,
        version: case.version,
        action: action.to_owned(),
        outcome: case.outcome.clone().filter(|_| action == CaseAction::Close.as_str()),
        happened_on,
        author: work.author(),
        created_at: work.now,
    }
}

/// A page of the history of a case in scope and of the cases that were merged into it, oldest first, with what was corrected for callers who may correct it. The history
/// of a case that went with its referral is still there.
pub(in crate::cases) fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    case: Id,
    page: &PageRequest,
) -> Result<CaseEventPage, ApiError> {
    let (service, key_owner) = if let Some(row) = cases::store::get(work.conn, scope, case).optional()? {
        (row.service_id, row.key_owner())
    } else {
        let removed = corrections::removed(work, scope, Resource::Case, case)?.ok_or_else(ApiError::not_found)?;
        (removed.service, removed.key_owner)
    };
    work.trail.open(key_owner, service);
    let cases = absorbed::ops::with_absorbed_cases(work, scope, case)?;
    let (rows, info) = store::list(work.conn, scope, &cases, page)?;
    let corrected = |row: &&CaseEventRow| matches!(row.action.as_str(), CORRECT | ANNUL);
    let versions: Vec<i32> = rows.iter().filter(corrected).map(|row| row.version).collect();
    let names = names::ops::read(work, rows.iter().map(|row| row.author.as_str()))?;
    let event = |row: CaseEventRow| CaseEvent {
        case_id: row.case_id,
        author_name: names.of(&row.author),
        version: row.version,
        action: row.action,
        outcome: row.outcome,
        happened_on: row.happened_on,
        changes: None,
        author: row.author,
        created_at: row.created_at,
    };
    let mut data: Vec<CaseEvent> = rows.into_iter().map(event).collect();
    if !versions.is_empty() && corrector.corrects_everybody(service) {
        let key = data_keys::data_keys(work, &[key_owner])?.remove(&key_owner);
        for row in corrected_in(work.conn, scope, Resource::Case, &cases, &versions)? {
            let of_row = |event: &&mut CaseEvent| (event.case_id, event.version) == (row.object_id, row.version);
            if let Some(event) = data.iter_mut().find(of_row) {
                event.changes = corrections::changes(key.as_ref(), &row)?;
            }
        }
    }
    Ok(CaseEventPage { data, page: info })
}
