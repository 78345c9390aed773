//! Recording and reading the history of a case.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::OptionalExtension;

use super::dto::{CaseEvent, CaseEventPage};
use super::store::{self, CaseEventRow};
use crate::accounts::names;
use crate::auth::ServiceScope;
use crate::cases;
use crate::cases::corrections::ops::{self as corrections, Corrector};
use crate::cases::corrections::store::{of_versions as corrected_in, removals_of};
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

/// The removal of a record of a case, as an event of its history.
pub(in crate::cases) const REMOVE: &str = "remove";

/// A record of a case that is removed: its case, its identifier, and the day that it was about.
pub(in crate::cases) type Removed = (Id, Id, NaiveDate);

/// The removals of records of one kind, as events of the histories of their cases. The transaction has changed the cases already,
/// and locks their rows.
pub(in crate::cases) fn removed(
    work: &mut Work<'_>,
    service: Id,
    kind: Resource,
    records: &[Removed],
) -> Result<Vec<CaseEventRow>, ApiError> {
    let ids: Vec<Id> = records.iter().map(|(case, ..)| *case).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // A case has one event of a version.
    let mut versions: HashMap<Id, i32> = store::versions(work.conn, service, &ids)?.into_iter().collect();
    let event = |(case, object, day): &Removed| {
        Some(CaseEventRow {
            id: Id::next(work.now),
            service_id: service,
            case_id: *case,
            version: versions.remove(case)?,
            action: REMOVE.to_owned(),
            outcome: None,
            happened_on: *day,
            author: work.author(),
            created_at: work.now,
            object_kind: Some(kind),
            object_id: Some(*object),
        })
    };
    Ok(records.iter().filter_map(event).collect())
}

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
        object_kind: None,
        object_id: None,
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
        object_kind: row.object_kind,
        object_id: row.object_id,
    };
    let mut data: Vec<CaseEvent> = rows.into_iter().map(event).collect();
    let gone: Vec<Id> = data.iter().filter_map(|event| event.object_id).collect();
    if !gone.is_empty() && corrector.corrects_everybody(service) {
        let key = data_keys::data_keys(work, &[key_owner])?.remove(&key_owner);
        for row in removals_of(work.conn, scope, &gone)? {
            if let Some(event) = data.iter_mut().find(|event| event.object_id == Some(row.object_id)) {
                event.changes = corrections::changes(key.as_ref(), &row)?;
            }
        }
    }
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
