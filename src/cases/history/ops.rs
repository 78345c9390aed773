//! Recording and reading the history of a case.

use chrono::NaiveDate;

use super::dto::{CaseEvent, CaseEventPage};
use super::store::{self, CaseEventRow};
use crate::accounts::names;
use crate::auth::ServiceScope;
use crate::cases;
use crate::cases::store::CaseRow;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::PageRequest;
use crate::work::Work;

/// An event of the history of a case, for the transaction that changes its state: `open`, `close` or `reopen`. `case` is the
/// case after the event.
pub(in crate::cases) fn event(work: &Work<'_>, case: &CaseRow, action: &str, happened_on: NaiveDate) -> CaseEventRow {
    CaseEventRow {
        id: Id::at(work.now),
        service_id: case.service_id,
        case_id: case.id,
        version: case.version,
        action: action.to_owned(),
        outcome: case.outcome.clone(),
        happened_on,
        author: work.author(),
        created_at: work.now,
    }
}

/// A page of the history of a case in scope, oldest first.
pub(in crate::cases) fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: Id,
    page: &PageRequest,
) -> Result<CaseEventPage, ApiError> {
    let row = cases::store::get(work.conn, scope, case)?;
    cases::common::record_read(work, &row);
    let (rows, info) = store::list(work.conn, scope, case, page)?;
    let names = names::ops::read(work, rows.iter().map(|row| row.author.as_str()))?;
    let event = |row: CaseEventRow| CaseEvent {
        author_name: names.of(&row.author),
        version: row.version,
        action: row.action,
        outcome: row.outcome,
        happened_on: row.happened_on,
        author: row.author,
        created_at: row.created_at,
    };
    Ok(CaseEventPage { data: rows.into_iter().map(event).collect(), page: info })
}
