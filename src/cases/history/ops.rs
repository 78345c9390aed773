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
use crate::db::{Id, UtcTs};
use crate::error::ApiError;
use crate::households::absorbed;
use crate::http::page::PageRequest;
use crate::services;
use crate::trail::Resource;
use crate::work::Work;

/// The correction of a case, as an event of its history.
pub(in crate::cases) const CORRECT: &str = "correct";

/// The end of a case that goes with its referral, as an event of its history.
pub(in crate::cases) const ANNUL: &str = "annul";

/// The removal of a record of a case, as an event of its history.
pub(in crate::cases) const REMOVE: &str = "remove";

/// The merge of the child of a case with another record of it, as an event of its history.
pub(in crate::cases) const MERGE: &str = "merge";

/// The undoing of a merge, as an event of the history of a case.
pub(in crate::cases) const UNDO_MERGE: &str = "undo_merge";

/// A record of a case that is removed: its case, its identifier, and the day that it was about.
pub(in crate::cases) type Removed = (Id, Id, NaiveDate);

/// The removals of records of one kind, as events of the histories of their cases. The transaction has changed the cases already,
/// locks their rows, and has read their versions.
pub(in crate::cases) fn removed(
    work: &Work<'_>,
    service: Id,
    kind: Resource,
    records: &[Removed],
    versions: &[(Id, i32)],
) -> Vec<CaseEventRow> {
    // A case has one event of a version.
    let mut versions: HashMap<Id, i32> = versions.iter().copied().collect();
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
    records.iter().filter_map(event).collect()
}

/// Writes a merge of children, or its undoing, into the histories of the cases that it changed. The transaction has changed these
/// already, and locks their rows.
pub(in crate::cases) fn merged(
    work: &mut Work<'_>,
    service: Id,
    (merge, action): (Id, &str),
    cases: &[Id],
) -> Result<(), ApiError> {
    if cases.is_empty() {
        return Ok(());
    }
    let today = services::ops::today(work, service)?;
    let versions = store::versions(work.conn, service, cases)?;
    let event = |(case, version): (Id, i32)| CaseEventRow {
        id: Id::next(work.now),
        service_id: service,
        case_id: case,
        version,
        action: action.to_owned(),
        outcome: None,
        happened_on: today,
        author: work.author(),
        created_at: work.now,
        object_kind: Some(Resource::ChildMerge),
        object_id: Some(merge),
    };
    let events: Vec<CaseEventRow> = versions.into_iter().map(event).collect();
    Ok(store::insert(work.conn, &events)?)
}

/// Writes the merge into the history of a case that went into another and came back, before its undoing: while the case was gone,
/// the history of the other one had it.
pub(in crate::cases) fn was_merged(
    work: &mut Work<'_>,
    service: Id,
    (merge, author, at): (Id, &str, UtcTs),
    case: Id,
) -> Result<(), ApiError> {
    let day = services::ops::settings(work, &ServiceScope::one(service), service)?.date_of(at);
    let versions = store::versions(work.conn, service, &[case])?;
    let event = |(case, version): (Id, i32)| CaseEventRow {
        id: Id::next(work.now),
        service_id: service,
        case_id: case,
        version: version - 1,
        action: MERGE.to_owned(),
        outcome: None,
        happened_on: day,
        author: author.to_owned(),
        created_at: at,
        object_kind: Some(Resource::ChildMerge),
        object_id: Some(merge),
    };
    let events: Vec<CaseEventRow> = versions.into_iter().map(event).collect();
    Ok(store::insert(work.conn, &events)?)
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
        let removed = corrections::removed(work, scope, Resource::Case, case)?.ok_or_else(ApiError::not_found);
        let removed = absorbed::ops::pointing_on(work, scope, case, removed)?;
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
    let is_removal = |event: &&CaseEvent| event.action == REMOVE;
    let gone: Vec<Id> = data.iter().filter(is_removal).filter_map(|event| event.object_id).collect();
    if corrector.corrects_everybody(service) {
        let mut former = Vec::new();
        if !gone.is_empty() {
            former.extend(removals_of(work.conn, scope, &gone)?);
        }
        if !versions.is_empty() {
            former.extend(corrected_in(work.conn, scope, Resource::Case, &cases, &versions)?);
        }
        let keys = corrections::keys(work, &former)?;
        for row in former {
            let is_removal = gone.contains(&row.object_id);
            let of_row = |event: &&mut CaseEvent| match event.object_id {
                Some(gone) => is_removal && gone == row.object_id,
                None => (event.case_id, event.version) == (row.object_id, row.version),
            };
            if let Some(event) = data.iter_mut().find(of_row) {
                event.changes = corrections::changes(keys.get(&row.key_owner), &row)?;
            }
        }
    }
    Ok(CaseEventPage { data, page: info })
}
