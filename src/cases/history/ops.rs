//! Recording and reading the history of a case.

use chrono::NaiveDate;

use super::dto::{CaseEvent, CaseEventPage};
use super::store::{self, CaseEventRow};
use crate::auth::ServiceScope;
use crate::cases;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::PageRequest;
use crate::nomenclatures::codes::CaseOutcome;
use crate::work::Work;

/// An event to be added to the history of a case.
pub(in crate::cases) struct NewCaseEvent {
    /// Version of the case after the event.
    pub(in crate::cases) version: i32,
    /// `open`, `close` or `reopen`.
    pub(in crate::cases) action: &'static str,
    /// Outcome of a closure.
    pub(in crate::cases) outcome: Option<CaseOutcome>,
    /// Date of the event.
    pub(in crate::cases) on: NaiveDate,
}

/// Adds an event to the history of a case, in the transaction that changes the state.
pub(in crate::cases) fn record(
    work: &mut Work<'_>,
    service_id: Id,
    case_id: Id,
    event: NewCaseEvent,
) -> Result<(), ApiError> {
    let row = CaseEventRow {
        id: Id::at(work.now),
        service_id,
        case_id,
        version: event.version,
        action: event.action.to_owned(),
        outcome: event.outcome,
        happened_on: event.on,
        author: work.author(),
        created_at: work.now,
    };
    Ok(store::insert(work.conn, &row)?)
}

/// A page of the history of a case in scope, oldest first.
pub(in crate::cases) fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: Id,
    page: &PageRequest,
) -> Result<CaseEventPage, ApiError> {
    let row = cases::store::get(work.conn, scope, case)?;
    cases::ops::record_read(work, &row);
    let (rows, info) = store::list(work.conn, scope, case, page)?;
    Ok(CaseEventPage { data: rows.into_iter().map(CaseEvent::from).collect(), page: info })
}
