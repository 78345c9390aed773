//! What a merge of two children changes in their cases, and which published statistics counted one of them.

use chrono::NaiveDate;

use super::model::{CaseDates, JoinedDates, joined, parted};
use crate::auth::ServiceScope;
use crate::cases::corrections::dto::CountedIn;
use crate::cases::corrections::published;
use crate::cases::history::ops::{self as history, MERGE, UNDO_MERGE};
use crate::cases::ops::next;
use crate::cases::store::{self, CaseRow};
use crate::db::{Id, UtcTs};
use crate::error::ApiError;
use crate::work::Work;

fn dates_of(case: &CaseRow) -> CaseDates {
    CaseDates { opened_on: case.opened_on, next_follow_up_on: case.next_follow_up_on }
}

fn with_dates(work: &mut Work<'_>, case: &CaseRow, dates: CaseDates) -> Result<(), ApiError> {
    let CaseDates { opened_on, next_follow_up_on } = dates;
    let new = next(work, case, CaseRow { opened_on, next_follow_up_on, ..case.clone() });
    ApiError::require_first(store::update(work.conn, case, &new)?)
}

/// Gives a case the dates of both. The case that goes into it is not changed.
pub fn join(work: &mut Work<'_>, service: Id, into: Id, from: Id) -> Result<JoinedDates, ApiError> {
    let scope = ServiceScope::one(service);
    let (into, from) = (store::get(work.conn, &scope, into)?, store::get(work.conn, &scope, from)?);
    let dates = JoinedDates { before: dates_of(&into), after: joined(dates_of(&into), dates_of(&from)) };
    with_dates(work, &into, dates.after)?;
    Ok(dates)
}

/// Gives a case the dates of before a merge.
pub fn part(work: &mut Work<'_>, service: Id, case: Id, dates: JoinedDates) -> Result<(), ApiError> {
    let case = store::get(work.conn, &ServiceScope::one(service), case)?;
    with_dates(work, &case, parted(dates_of(&case), dates))
}

/// Says in the histories of cases that their child was merged with another record of it.
pub fn tell_merge(work: &mut Work<'_>, service: Id, merge: Id, cases: &[Id]) -> Result<(), ApiError> {
    history::merged(work, service, (merge, MERGE), cases)
}

/// Says in the history of a case that came back that it had gone into another: who merged them, and when.
pub fn tell_came_back(
    work: &mut Work<'_>,
    service: Id,
    (merge, author, at): (Id, &str, UtcTs),
    case: Id,
) -> Result<(), ApiError> {
    history::was_merged(work, service, (merge, author, at), case)
}

/// Says in the histories of cases that a merge was undone.
pub fn tell_undo(work: &mut Work<'_>, service: Id, merge: Id, cases: &[Id]) -> Result<(), ApiError> {
    history::merged(work, service, (merge, UNDO_MERGE), cases)
}

/// The published releases that counted a child since a day.
pub fn counted_in(work: &mut Work<'_>, service: Id, child: Id, since: NaiveDate) -> Result<Vec<CountedIn>, ApiError> {
    let today = crate::services::ops::today(work, service)?;
    published::counted_child(work, service, child, (since.min(today), today), None)
}
