//! Use cases of cases.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::dto::{Case, CaseClosure, CaseFilter, CasePage, FollowUp};
use super::history::{self, ops::Happening};
use super::model::{self, CaseAction, Subject};
use super::store::{self, CaseRow, Change};
use super::{placements, steps};
use crate::auth::ServiceScope;
use crate::data_keys;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::PageRequest;
use crate::privacy::DataKey;
use crate::trail::Resource;
use crate::work::Work;

/// A case to be opened. The caller has checked that what it names is of the service.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// The service.
    pub service_id: Id,
    /// Whom it is about.
    pub subject: Subject,
    /// The household, for a child.
    pub household_id: Option<Id>,
    /// The child.
    pub child_id: Option<Id>,
    /// The structure, or the one that a child's referral names.
    pub organisation_id: Option<Id>,
    /// INSEE code of the commune.
    pub commune_code: String,
    /// First day, where the service is.
    pub opened_on: NaiveDate,
}

/// Opens a case, inside the write that accepts a referral.
///
/// A child's second accepted referral joins its open case. A structure always gets a new case, with a
/// data key of its own; a child's notes are under its household's. Two acceptances that race meet the
/// partial unique index: one gets 409.
pub fn open(work: &mut Work<'_>, new: NewCase) -> Result<Id, ApiError> {
    let scope = ServiceScope::one(new.service_id);
    if let Some(child) = new.child_id
        && let Some(open) = store::open_case_of(work.conn, &scope, child)?
    {
        return Ok(open);
    }
    let id = Id::at(work.now);
    if new.subject == Subject::Structure {
        data_keys::create_data_key(work, new.service_id, id)?;
    }
    let (service, opened_on) = (new.service_id, new.opened_on);
    store::insert(work.conn, id, new, work.now)?;
    work.created(Resource::Case, service, id);
    history::ops::record(work, service, id, Happening { version: 1, action: "open", outcome: None, on: opened_on })?;
    Ok(id)
}

/// The row of a case of the scope, to be acted upon.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<CaseRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// The case that a request names at `pointer`: it must be of that service. One of another service and one that does not
/// exist are refused in the same words.
pub fn require(work: &mut Work<'_>, service: Id, id: Id, pointer: &str) -> Result<CaseRow, ApiError> {
    use diesel::OptionalExtension;
    store::get(work.conn, &ServiceScope::one(service), id)
        .optional()?
        .ok_or_else(|| ApiError::rule(pointer, "unknown_case", Text::new("Suivi introuvable.", "No such case.")))
}

/// One case of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Case, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    let mut seen = show(work, scope, vec![row])?;
    seen.pop().ok_or_else(ApiError::not_found)
}

/// A page of the cases of the scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    filter: &CaseFilter,
    page: &PageRequest,
) -> Result<CasePage, ApiError> {
    let scope = scope.within(filter.service_id);
    let (rows, info) = store::list(work.conn, &scope, filter, page)?;
    Ok(CasePage { data: show(work, &scope, rows)?, page: info })
}

/// Adds to rows what stands in other tables: one query each, whatever the number of rows.
fn show(work: &mut Work<'_>, scope: &ServiceScope, rows: Vec<CaseRow>) -> Result<Vec<Case>, ApiError> {
    for row in &rows {
        shown(work, row);
    }
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut referrals = store::referrals_of(work.conn, scope, &ids)?;
    let mut latest = store::latest_steps(work.conn, scope, &ids)?;
    let case = |row: CaseRow| {
        let (referrals, latest) = (referrals.remove(&row.id).unwrap_or_default(), latest.remove(&row.id));
        Case::new(row, referrals, latest)
    };
    Ok(rows.into_iter().map(case).collect())
}

/// Plans the next follow-up, or says that none is planned.
pub fn plan_follow_up(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    plan: &FollowUp,
) -> Result<Case, ApiError> {
    let today = in_turn(work, scope, case, CaseAction::PlanFollowUp)?;
    if plan.next_follow_up_on.is_some_and(|day| day < today) {
        let message = Text::new(
            "Un prochain point se planifie aujourd'hui ou plus tard.",
            "A next follow-up is planned for today or later.",
        );
        return Err(ApiError::rule("/next_follow_up_on", "in_the_past", message));
    }
    let change = Change {
        status: case.status,
        closed_on: case.closed_on,
        outcome: case.outcome.clone(),
        next_follow_up_on: plan.next_follow_up_on,
    };
    write(work, scope, case, &change)?;
    get(work, scope, case.id)
}

/// Ends a case: its outcome, and its last step.
pub fn close(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    closure: &CaseClosure,
) -> Result<Case, ApiError> {
    let id = case.id;
    let today = in_turn(work, scope, case, CaseAction::Close)?;
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
    // Cnaf: a place is effective when the child is in an organisation from a date, not when one is hoped for.
    if closure.outcome.is(model::EFFECTIVE_PLACEMENT) && !placements::store::any(work.conn, scope, id)? {
        let message = Text::new(
            "Cette issue demande un accueil enregistré : POST /v1/cases/{id}/placements.",
            "This outcome needs a recorded placement: POST /v1/cases/{id}/placements.",
        );
        faults.push(Fault::new("/outcome", "placement_required", message));
    }
    ApiError::unless_none(faults)?;
    let change = Change {
        status: after(case, CaseAction::Close)?,
        closed_on: Some(closed_on),
        outcome: Some(closure.outcome.clone()),
        next_follow_up_on: None,
    };
    write(work, scope, case, &change)?;
    steps::ops::insert(work, case, model::CLOSURE, closed_on, None)?;
    let outcome = Some(closure.outcome.clone());
    let closed = Happening { version: case.version + 1, action: CaseAction::Close.as_str(), outcome, on: closed_on };
    history::ops::record(work, case.service_id, id, closed)?;
    get(work, scope, id)
}

/// Takes a case up again: it was closed too early.
pub fn reopen(work: &mut Work<'_>, scope: &ServiceScope, case: &CaseRow) -> Result<Case, ApiError> {
    let id = case.id;
    let today = in_turn(work, scope, case, CaseAction::Reopen)?;
    if let Some(child) = case.child_id
        && let Some(other) = store::open_case_of(work.conn, scope, child)?
    {
        return Err(ApiError::new(Code::Conflict)
            .detail("L'enfant a déjà un autre suivi ouvert.", "The child already has another open case.")
            .with("case_id", other.as_str()));
    }
    let change =
        Change { status: after(case, CaseAction::Reopen)?, closed_on: None, outcome: None, next_follow_up_on: None };
    write(work, scope, case, &change)?;
    let reopened =
        Happening { version: case.version + 1, action: CaseAction::Reopen.as_str(), outcome: None, on: today };
    history::ops::record(work, case.service_id, id, reopened)?;
    get(work, scope, id)
}

/// Refuses an action that is out of turn on a case (409); the date where its service is.
pub(super) fn in_turn(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    action: CaseAction,
) -> Result<NaiveDate, ApiError> {
    after(case, action)?;
    let settings = crate::services::store::settings(work.conn, scope, case.service_id)?;
    Ok(settings.date_of(work.now))
}

fn after(case: &CaseRow, action: CaseAction) -> Result<model::CaseStatus, ApiError> {
    case.status.after(action).ok_or_else(|| {
        let actions = case.status.available_actions(case.subject);
        ApiError::wrong_state(case.status.as_str(), actions.iter().map(CaseAction::as_str))
    })
}

fn write(work: &mut Work<'_>, scope: &ServiceScope, case: &CaseRow, change: &Change) -> Result<(), ApiError> {
    work.changed(Resource::Case, case.service_id, case.id);
    if store::update(work.conn, scope, case, change, work.now)? { Ok(()) } else { Err(ApiError::overtaken()) }
}

/// Marks an open case as added to, and plans its next follow-up when a date is given.
pub(super) fn touch(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    next_follow_up_on: Option<NaiveDate>,
) -> Result<(), ApiError> {
    work.changed(Resource::Case, case.service_id, case.id);
    let open = store::touch(work.conn, scope, case.id, next_follow_up_on, work.now)?;
    if open { Ok(()) } else { Err(ApiError::overtaken()) }
}

/// Notes that what is known of a child is shown: codes and dates, which no key seals.
pub(super) fn shown(work: &mut Work<'_>, case: &CaseRow) {
    work.trail.open(case.key_owner(), case.service_id);
}

/// The key that opens a case's notes; none once its owner is erased.
pub(super) fn reading_key(work: &mut Work<'_>, case: &CaseRow) -> Result<Option<DataKey>, ApiError> {
    shown(work, case);
    let owner = case.key_owner();
    let mut keys: HashMap<Id, DataKey> = data_keys::data_keys(work, &[owner])?;
    Ok(keys.remove(&owner))
}
