//! Opening, reading, closing and reopening cases.

use chrono::NaiveDate;

use super::common::{record_read, require_action, state_after};
use super::dto::{Case, CaseClosure, CaseFilter, CasePage, FollowUp};
use super::history;
use super::model::{self, CaseAction, CaseStatus, Subject};
use super::store::{self, CaseRow, NewCase};
use super::{placements, steps};
use crate::auth::ServiceScope;
use crate::data_keys;
use crate::dates;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::PageRequest;
use crate::nomenclatures::codes::{CaseStep, ReferralNeed};
use crate::services::public::model::school;
use crate::trail::Resource;
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

/// Whether a case is about a bridge to school: a need of one of its referrals is.
pub fn is_bridge(work: &mut Work<'_>, case: &CaseRow) -> Result<bool, ApiError> {
    let needs = store::needs(work.conn, &ServiceScope::one(case.service_id), case.id)?;
    Ok(school::is_bridge(needs.iter().map(ReferralNeed::as_str)))
}

/// One case in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Case, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    to_case(work, scope, row)
}

fn to_case(work: &mut Work<'_>, scope: &ServiceScope, row: CaseRow) -> Result<Case, ApiError> {
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
    let with_related = |row: CaseRow| {
        let (referrals, latest) = (referrals.remove(&row.id).unwrap_or_default(), latest.remove(&row.id));
        case(row, referrals, latest)
    };
    Ok(rows.into_iter().map(with_related).collect())
}

fn case(row: CaseRow, referral_ids: Vec<Id>, latest: Option<(CaseStep, NaiveDate)>) -> Case {
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
        available_actions: row.status.available_actions(row.subject),
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
    let id = case.id;
    let today = require_action(work, scope, case, CaseAction::Close)?;
    let closed_on = closure.closed_on.unwrap_or(today);
    let (first, rule) = match store::last_recorded_on(work.conn, scope, id)? {
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
    let not_of_this_case = model::outcome_fault(&closure.outcome, case.subject, "/outcome");
    // Cnaf: a placement is effective once the child is in an organisation from a date, not when a place is expected.
    if closure.outcome.is(model::EFFECTIVE_PLACEMENT)
        && not_of_this_case.is_none()
        && !placements::store::is_current(work.conn, scope, id, closed_on)?
    {
        let day = dates::french(closed_on);
        let message = Text::new(
            format!(
                "Cette issue suppose un accueil en cours le {day} : l'enregistrer (`POST /v1/cases/{{id}}/placements`), ou choisir une autre issue."
            ),
            format!(
                "This outcome requires a placement that is current on {closed_on}: record it (`POST /v1/cases/{{id}}/placements`), or choose another outcome."
            ),
        );
        faults.push(Fault::new("/outcome", "placement_required", message));
    }
    faults.extend(not_of_this_case);
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

/// Reopens a case that was closed too early.
pub fn reopen(work: &mut Work<'_>, scope: &ServiceScope, case: &CaseRow) -> Result<Case, ApiError> {
    let today = require_action(work, scope, case, CaseAction::Reopen)?;
    if let Some(child) = case.child_id {
        work.lock_one(Lock::Child, child)?;
    }
    if let Some(child) = case.child_id
        && let Some(other) = store::open_case_of(work.conn, scope, child)?
    {
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
    ApiError::require_first(store::decide(work.conn, case, &new, &reopened, None)?)?;
    to_case(work, scope, new)
}

/// Replaces a case by its next version.
fn replace(work: &mut Work<'_>, case: &CaseRow, new: CaseRow) -> Result<CaseRow, ApiError> {
    let new = next(work, case, new);
    ApiError::require_first(store::update(work.conn, case, &new)?)?;
    Ok(new)
}

/// The next version of a case, to be written.
fn next(work: &mut Work<'_>, case: &CaseRow, mut new: CaseRow) -> CaseRow {
    new.version = case.version + 1;
    new.updated_at = work.now;
    work.changed(Resource::Case, case.service_id, case.id);
    new
}
