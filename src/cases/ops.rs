//! Opening, reading, closing and reopening cases.

use chrono::NaiveDate;

use super::common::{record_read, require_action, state_after, takes_late_entries};
use super::dto::{Case, CaseClosure, CaseFilter, CasePage, FollowUp};
use super::history;
use super::model::{self, CaseAction, CaseStatus, Subject};
use super::steps;
use super::store::{self, CaseRow, NewCase};
use crate::auth::ServiceScope;
use crate::data_keys;
use crate::dates;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::PageRequest;
use crate::nomenclatures::codes::CaseStep;
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Opens a case, in the transaction that accepts a referral.
///
/// A second accepted referral of a child joins its open case. A structure always gets a new case, with its own data key; the
/// notes of a child are sealed under the key of the household. Of two concurrent acceptances, one waits for the other and
/// joins its case.
pub fn open(work: &mut Work<'_>, new: NewCase) -> Result<Id, ApiError> {
    let scope = ServiceScope::one(new.service_id);
    if let Some(child) = new.child_id {
        work.lock_one(Lock::Child, child)?;
    }
    if let Some(child) = new.child_id
        && let Some(open) = store::open_case_of(work.conn, &scope, child)?
    {
        return Ok(open);
    }
    let id = Id::at(work.now);
    let keys = match new.subject {
        Subject::Structure => vec![data_keys::new_data_key(work, new.service_id, id)?.1],
        Subject::Child => Vec::new(),
    };
    let row = CaseRow {
        id,
        service_id: new.service_id,
        subject: new.subject,
        household_id: new.household_id,
        child_id: new.child_id,
        organisation_id: new.organisation_id,
        commune_code: new.commune_code,
        status: CaseStatus::Open,
        opened_on: new.opened_on,
        closed_on: None,
        outcome: None,
        next_follow_up_on: None,
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    let opened = history::ops::event(work, &row, "open", row.opened_on);
    store::insert(work.conn, &keys, &row, &opened)?;
    work.created(Resource::Case, row.service_id, id);
    Ok(id)
}

/// The row of a case in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<CaseRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// The row of a case in scope, to reopen it: the lock of the child comes before its other cases.
pub fn find_to_reopen(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<CaseRow, ApiError> {
    let row = find(work, scope, id)?;
    if let Some(child) = row.child_id {
        work.lock_first(Lock::Child, child);
    }
    Ok(row)
}

/// The case that a request names at `pointer`, which must belong to this service. The error is the same whether the case
/// belongs to another service or does not exist.
pub fn require(work: &mut Work<'_>, service: Id, id: Id, pointer: &str) -> Result<CaseRow, ApiError> {
    use diesel::OptionalExtension;
    store::get(work.conn, &ServiceScope::one(service), id)
        .optional()?
        .ok_or_else(|| ApiError::rule(pointer, "unknown_case", Text::new("Suivi introuvable.", "No such case.")))
}

/// One case in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Case, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    to_case(work, scope, row)
}

pub(super) fn to_case(work: &mut Work<'_>, scope: &ServiceScope, row: CaseRow) -> Result<Case, ApiError> {
    to_cases(work, scope, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the cases in scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    filter: &CaseFilter,
    page: &PageRequest,
) -> Result<CasePage, ApiError> {
    let scope = scope.within(filter.service_id);
    let (rows, info) = store::list(work.conn, &scope, filter, page)?;
    Ok(CasePage { data: to_cases(work, &scope, rows)?, page: info })
}

/// Cases from their rows and the related tables: one query per table, whatever the number of rows.
fn to_cases(work: &mut Work<'_>, scope: &ServiceScope, rows: Vec<CaseRow>) -> Result<Vec<Case>, ApiError> {
    for row in &rows {
        record_read(work, row);
    }
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let store::Related { mut referrals, latest_steps: mut latest } = store::related(work.conn, scope, &ids)?;
    // Whether a closed case takes late entries depends on the settings of its service.
    let closed: Vec<Id> = rows.iter().filter(|row| row.closed_on.is_some()).map(|row| row.service_id).collect();
    let settings = services::ops::settings_of(work, scope, &closed)?;
    let late = |row: &CaseRow| {
        let settings = settings.get(&row.service_id);
        settings.is_some_and(|settings| takes_late_entries(row, settings, settings.date_of(work.now)))
    };
    let with_related = |row: CaseRow| {
        let (referrals, latest) = (referrals.remove(&row.id).unwrap_or_default(), latest.remove(&row.id));
        let late = late(&row);
        case(row, referrals, latest, late)
    };
    Ok(rows.into_iter().map(with_related).collect())
}

fn case(row: CaseRow, referral_ids: Vec<Id>, latest: Option<(CaseStep, NaiveDate)>, late: bool) -> Case {
    let (latest_step, latest_step_on) = latest.unzip();
    Case {
        id: row.id,
        service_id: row.service_id,
        subject: row.subject,
        household_id: row.household_id,
        child_id: row.child_id,
        organisation_id: row.organisation_id,
        commune_code: row.commune_code,
        status: row.status,
        available_actions: row.status.available_actions(row.subject, late),
        opened_on: row.opened_on,
        closed_on: row.closed_on,
        outcome: row.outcome,
        latest_step,
        latest_step_on,
        next_follow_up_on: row.next_follow_up_on,
        referral_ids,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        counted_in: None,
    }
}

/// Sets or clears the next follow-up.
pub fn plan_follow_up(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    plan: &FollowUp,
) -> Result<Case, ApiError> {
    let today = require_action(work, scope, case, CaseAction::PlanFollowUp)?;
    if plan.next_follow_up_on.is_some_and(|day| day < today) {
        let message = Text::new(
            "Le prochain point doit être prévu aujourd'hui ou plus tard.",
            "The next follow-up must be today or later.",
        );
        return Err(ApiError::rule("/next_follow_up_on", "in_the_past", message));
    }
    let new = CaseRow { next_follow_up_on: plan.next_follow_up_on, ..case.clone() };
    let new = replace(work, case, new)?;
    to_case(work, scope, new)
}

/// Closes a case: records its outcome and its last step.
pub fn close(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    closure: &CaseClosure,
) -> Result<Case, ApiError> {
    let today = require_action(work, scope, case, CaseAction::Close)?;
    let closed_on = closure.closed_on.unwrap_or(today);
    let records = store::records(work.conn, case.service_id, case.id)?;
    let (first, rule) = match records.last {
        Some(last) if last > case.opened_on => (last, "before_last_record"),
        _ => (case.opened_on, "before_opening"),
    };
    let mut faults: Vec<Fault> = [
        dates::not_in_the_future("/closed_on", closed_on, today),
        dates::not_before("/closed_on", closed_on, first, rule),
    ]
    .into_iter()
    .flatten()
    .collect();
    if closure.outcome.is(model::EFFECTIVE_PLACEMENT) && !records.has_placement_on(closed_on) {
        faults.push(placement_required());
    }
    ApiError::reject_if_any(faults)?;
    let new = CaseRow {
        status: state_after(case, CaseAction::Close)?,
        closed_on: Some(closed_on),
        outcome: Some(closure.outcome.clone()),
        next_follow_up_on: None,
        ..case.clone()
    };
    let new = next(work, case, new);
    let step = steps::ops::row(work, case, model::CLOSURE, closed_on, None)?;
    let closed = history::ops::event(work, &new, CaseAction::Close.as_str(), closed_on);
    ApiError::require_first(store::decide(work.conn, case, &new, &closed, Some(&step))?)?;
    to_case(work, scope, new)
}

/// Cnaf: a placement is effective once the child is in an organisation from a date, not when a place is expected. Choice: the
/// child is still there on the day of the closure.
pub(super) fn placement_required() -> Fault {
    let message = Text::new(
        "Cette issue suppose un accueil enregistré (`POST /v1/cases/{id}/placements`), en cours le jour de la clôture.",
        "This outcome requires a recorded placement (`POST /v1/cases/{id}/placements`) that is current on the day of the closure.",
    );
    Fault::new("/outcome", "placement_required", message)
}

/// Reopens a case that was closed too early. The step of the closing that is undone goes: its author and day are in the
/// history of the case.
pub fn reopen(work: &mut Work<'_>, scope: &ServiceScope, case: &CaseRow) -> Result<Case, ApiError> {
    let today = require_action(work, scope, case, CaseAction::Reopen)?;
    if let Some(child) = case.child_id {
        work.lock_one(Lock::Child, child)?;
    }
    let undone = store::to_reopen(work.conn, scope, case)?;
    data_keys::unwrap_keys(work, undone.keys)?;
    if let Some(other) = undone.other {
        return Err(ApiError::new(Code::Conflict)
            .detail("L'enfant a déjà un autre suivi ouvert.", "The child already has another open case.")
            .with("case_id", other.as_str()));
    }
    let new = CaseRow {
        status: state_after(case, CaseAction::Reopen)?,
        closed_on: None,
        outcome: None,
        next_follow_up_on: None,
        ..case.clone()
    };
    let new = next(work, case, new);
    let reopened = history::ops::event(work, &new, CaseAction::Reopen.as_str(), today);
    let removal = match &undone.closure {
        Some(step) => Some(steps::correct::removal(work, case, step, DeletionReason::EnteredByMistake)?),
        None => None,
    };
    ApiError::require_first(store::reopen(work.conn, case, &new, &reopened, removal.as_ref())?)?;
    to_case(work, scope, new)
}

/// Replaces a case by its next version.
fn replace(work: &mut Work<'_>, case: &CaseRow, new: CaseRow) -> Result<CaseRow, ApiError> {
    let new = next(work, case, new);
    ApiError::require_first(store::update(work.conn, case, &new)?)?;
    Ok(new)
}

/// The next version of a case, to be written.
pub(super) fn next(work: &mut Work<'_>, case: &CaseRow, mut new: CaseRow) -> CaseRow {
    new.version = case.version + 1;
    new.updated_at = work.now;
    work.changed(Resource::Case, case.service_id, case.id);
    new
}
