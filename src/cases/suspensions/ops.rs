//! Suspending and resuming cases, and reading their suspensions.

use chrono::NaiveDate;

use super::dto::{CaseResume, CaseSuspend, CaseSuspension, CaseSuspensionPage};
use super::model::{Period, given_back};
use super::store::{self, SuspensionRow};
use crate::accounts::names;
use crate::auth::ServiceScope;
use crate::cases::common::{in_path, record_read, require_action};
use crate::cases::dto::Case;
use crate::cases::model::CaseAction;
use crate::cases::ops::{Viewer, next, to_case};
use crate::cases::store::{self as cases, CaseRow};
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Fault};
use crate::households::absorbed::ops::pointing_on;
use crate::http::Versioned;
use crate::http::page::PageRequest;
use crate::trail::Resource;
use crate::work::Work;

/// A case in scope, with its suspensions.
#[derive(Debug)]
pub struct Found {
    case: CaseRow,
    suspensions: Vec<SuspensionRow>,
}

impl Versioned for Found {
    fn version(&self) -> i32 {
        self.case.version()
    }
}

impl Found {
    fn current(&self) -> Option<&SuspensionRow> {
        self.suspensions.iter().find(|row| row.resumed_on.is_none())
    }
}

/// A case in scope, with its suspensions; 404 if there is none.
pub fn find_case(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Found, ApiError> {
    let found = store::of_case_row(work.conn, scope, id).map_err(ApiError::from);
    let (case, suspensions) = pointing_on(work, scope, id, found)?;
    Ok(Found { case, suspensions })
}

/// The refusal of a second suspension, or of a resumption without one: a 409 that says what the case allows.
fn refused(work: &mut Work<'_>, found: &Found) -> Result<ApiError, ApiError> {
    let state = if found.current().is_some() { "suspended" } else { found.case.status.as_str() };
    let standing = cases::standing(work.conn, &found.case)?;
    let mut actions = found.case.status.available_actions(found.case.subject, false);
    actions.retain(|action| action.fits(standing));
    Ok(ApiError::wrong_state(state, actions.iter().map(CaseAction::as_str)))
}

/// Suspends a case. Its next follow-up is set aside.
pub fn suspend(work: &mut Work<'_>, viewer: &Viewer, found: &Found, new: &CaseSuspend) -> Result<Case, ApiError> {
    let case = &found.case;
    let today = require_action(work, &viewer.scope, case, CaseAction::Suspend)?;
    if found.current().is_some() {
        return Err(refused(work, found)?);
    }
    let starts_on = new.starts_on.unwrap_or(today);
    let others: Vec<Period> = found.suspensions.iter().map(SuspensionRow::period).collect();
    let mut faults = Period { starts_on, resumed_on: None }.faults(&others, case.opened_on, today, false);
    faults.extend(new.resumes_on.and_then(|day| planned_fault("/resumes_on", day, today)));
    ApiError::reject_if_any(faults)?;
    let row = SuspensionRow {
        id: Id::at(work.now),
        service_id: case.service_id,
        case_id: case.id,
        reason: new.reason.clone(),
        starts_on,
        resumes_on: new.resumes_on,
        resumed_on: None,
        follow_up_on: case.next_follow_up_on,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    let suspended = next(work, case, CaseRow { next_follow_up_on: None, ..case.clone() });
    // The case first: a concurrent suspension has changed its version.
    ApiError::require_first(cases::update(work.conn, case, &suspended)?)?;
    store::insert(work.conn, &row)?;
    work.created_in(case.id, Resource::CaseSuspension, row.service_id, row.id);
    to_case(work, viewer, suspended)
}

/// The fault of a day that is planned and has passed, or is too far ahead.
pub(super) fn planned_fault(pointer: &str, day: NaiveDate, today: NaiveDate) -> Option<Fault> {
    let past = dates::not_before(pointer, day, today, "in_the_past");
    past.or_else(|| dates::not_too_far_ahead(pointer, day, today))
}

/// Resumes a case, and gives back the follow-up that was set aside.
pub fn resume(work: &mut Work<'_>, viewer: &Viewer, found: &Found, asked: &CaseResume) -> Result<Case, ApiError> {
    let case = &found.case;
    let today = require_action(work, &viewer.scope, case, CaseAction::Resume)?;
    let Some(current) = found.current() else { return Err(refused(work, found)?) };
    let resumed_on = asked.resumed_on.unwrap_or(today);
    let faults = [
        dates::not_in_the_future("/resumed_on", resumed_on, today),
        dates::not_before("/resumed_on", resumed_on, current.starts_on, "before_start"),
        asked.next_follow_up_on.and_then(|day| planned_fault("/next_follow_up_on", day, today)),
    ];
    ApiError::reject_if_any(faults.into_iter().flatten())?;
    let ended = current.ended(work, resumed_on);
    let planned = asked.next_follow_up_on.or(case.next_follow_up_on);
    let next_follow_up_on = planned.or_else(|| given_back(current.follow_up_on, resumed_on));
    let resumed = next(work, case, CaseRow { next_follow_up_on, ..case.clone() });
    ApiError::require_first(cases::update(work.conn, case, &resumed)?)?;
    ApiError::require_first(store::update(work.conn, current, &ended)?)?;
    work.changed_in(case.id, Resource::CaseSuspension, ended.service_id, ended.id);
    to_case(work, viewer, resumed)
}

/// A page of the suspensions of a case in scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: Id,
    page: &PageRequest,
) -> Result<CaseSuspensionPage, ApiError> {
    let case = in_path(work, scope, case)?;
    record_read(work, &case);
    let (rows, info) = store::list(work.conn, scope, case.id, page)?;
    Ok(CaseSuspensionPage { data: show(work, rows)?, page: info })
}

/// One suspension in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<CaseSuspension, ApiError> {
    let (row, case) = store::get(work.conn, scope, id)?;
    record_read(work, &case);
    show_one(work, row)
}

pub(super) fn show_one(work: &mut Work<'_>, row: SuspensionRow) -> Result<CaseSuspension, ApiError> {
    show(work, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

fn show(work: &mut Work<'_>, rows: Vec<SuspensionRow>) -> Result<Vec<CaseSuspension>, ApiError> {
    let names = names::ops::read(work, rows.iter().map(|row| row.author.as_str()))?;
    let lang = work.call.lang;
    let suspension = |row: SuspensionRow| CaseSuspension {
        author_name: names.of(&row.author),
        reason_label: row.reason.label(lang),
        id: row.id,
        case_id: row.case_id,
        reason: row.reason,
        starts_on: row.starts_on,
        resumes_on: row.resumes_on,
        resumed_on: row.resumed_on,
        follow_up_set_aside_on: row.follow_up_on,
        author: row.author,
        version: row.version,
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(suspension).collect())
}
