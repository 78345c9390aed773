//! Opening and reading cases, and what changes in an open one. Closing and reopening: `ending`.

use std::collections::{BTreeSet, HashMap};

use super::common::{in_path, record_read, require_action, takes_late_entries, touch};
use super::dto::expansion::CaseExpand;
use super::dto::filter::CaseFilter;
use super::dto::{Case, CasePage, CasePrioritySetting, FollowUp};
use super::expand::expand;
use super::history;
use super::model::{CaseAction, CasePriority, CaseStatus, Standing, Subject};
use super::store::{self, CaseRow, ListedOn, NOTHING_PLANNED, NewCase};
use super::team;
use crate::accounts::names;
use crate::auth::{PrincipalId, ServiceScope};
use crate::data_keys::{self, unwrap_keys};
use crate::db::{Id, Lock};
use crate::error::{ApiError, Fault, Text};
use crate::households::absorbed::ops::{naming_survivor, refuse_merged};
use crate::http::Field;
use crate::http::page::PageRequest;
use crate::nomenclatures::codes::ReferralNeed;
use crate::services;
use crate::services::model::ServiceDays;
use crate::services::public::model::school;
use crate::territories::EpciCode;
use crate::trail::Resource;
use crate::work::Work;
use crate::{dates, households};

pub use super::model::viewer::Viewer;

/// Opens a case, in the transaction that accepts a referral.
///
/// A second accepted referral of a child joins its open case, which changes: it has one more referral, and its needs. A
/// structure always gets a new case, with its own data key; the notes of a child are sealed under the key of the household.
/// Of two concurrent acceptances, one waits for the other and joins its case.
pub fn open(work: &mut Work<'_>, new: NewCase) -> Result<Id, ApiError> {
    let scope = ServiceScope::one(new.service_id);
    if let Some(child) = new.child_id {
        work.lock_one(Lock::Child, child)?;
    }
    if let Some(child) = new.child_id
        && let Some(open) = store::open_case_of(work.conn, &scope, child)?
    {
        touch(work, &scope, &open, &Field::Keep)?;
        return Ok(open.id);
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
        next_key: NOTHING_PLANNED,
        priority: CasePriority::Normal,
        priority_key: CasePriority::Normal.key(),
    };
    let opened = history::ops::event(work, &row, "open", row.opened_on);
    work.created(Resource::Case, row.service_id, id);
    let referent: Vec<_> = team::ops::first_referent(work, &row).into_iter().collect();
    store::insert(work.conn, &keys, &row, &opened, &referent)?;
    Ok(id)
}

/// The row of a case in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<CaseRow, ApiError> {
    in_path(work, scope, id)
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
    match store::get(work.conn, &ServiceScope::one(service), id).optional()? {
        Some(case) => Ok(case),
        None => Err(ApiError::fault(unknown(work, service, pointer, id)?)),
    }
}

/// The fault of a case that a request names at `pointer` and that is not in the service. Of one that went into another, it says
/// into which.
pub fn unknown(work: &mut Work<'_>, service: Id, pointer: impl Into<String>, id: Id) -> Result<Fault, ApiError> {
    let message = Text::new(
        format!("Le service n'a pas de suivi {id} : corriger l'identifiant."),
        format!("The service has no case {id}: correct the identifier."),
    );
    let fault = Fault::new(pointer, "unknown_case", message);
    naming_survivor(work, &ServiceScope::one(service), id, fault)
}

/// Whether a case is about a bridge to school: a need of one of its referrals is.
pub fn is_bridge(work: &mut Work<'_>, case: &CaseRow) -> Result<bool, ApiError> {
    let needs = store::needs(work.conn, &ServiceScope::one(case.service_id), case.id)?;
    Ok(school::is_bridge(needs.iter().map(ReferralNeed::as_str)))
}

/// One case in scope.
pub fn get(work: &mut Work<'_>, viewer: &Viewer, id: Id) -> Result<Case, ApiError> {
    let row = store::get(work.conn, &viewer.scope, id)?;
    to_case(work, viewer, row)
}

/// One case in scope, with what the caller asks for.
pub fn get_expanded(
    work: &mut Work<'_>,
    viewer: &Viewer,
    id: Id,
    asked: Option<&[CaseExpand]>,
) -> Result<Case, ApiError> {
    let case = get(work, viewer, id)?;
    expand(work, viewer, vec![case], asked)?.pop().ok_or_else(ApiError::not_found)
}

/// Several cases in scope, by identifier, for the rows of others.
pub fn whole(work: &mut Work<'_>, viewer: &Viewer, ids: &BTreeSet<Id>) -> Result<HashMap<Id, Case>, ApiError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = store::by_id(work.conn, &viewer.scope, ids)?;
    Ok(to_cases(work, viewer, rows)?.into_iter().map(|case| (case.id, case)).collect())
}

pub(super) fn to_case(work: &mut Work<'_>, viewer: &Viewer, row: CaseRow) -> Result<Case, ApiError> {
    to_cases(work, viewer, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the cases in scope.
pub fn list(
    work: &mut Work<'_>,
    viewer: &Viewer,
    filter: &CaseFilter,
    page: &PageRequest,
) -> Result<CasePage, ApiError> {
    let scope = viewer.scope.within(filter.service_id);
    let me = match work.call.principal {
        PrincipalId::User(user) => Some(user),
        _ => None,
    };
    let days = if filter.overdue.is_some() || filter.referent_absent.is_some() {
        services::ops::by_day(work, &scope)?
    } else {
        ServiceDays::default()
    };
    let (rows, info) = store::list(work.conn, &scope, filter, &ListedOn { me, days }, page)?;
    let asked = [("child_id", filter.child_id), ("household_id", filter.household_id)];
    refuse_merged(work, &scope, rows.len(), &asked)?;
    let data = to_cases(work, viewer, rows)?;
    Ok(CasePage { data: expand(work, viewer, data, filter.expand.as_deref())?, page: info })
}

/// Cases from their rows and the related tables, which are read together whatever the number of rows.
pub(super) fn to_cases(work: &mut Work<'_>, viewer: &Viewer, rows: Vec<CaseRow>) -> Result<Vec<Case>, ApiError> {
    for row in &rows {
        record_read(work, row);
    }
    // Whether a closed case takes late entries depends on the settings of its service.
    let closed: Vec<Id> = rows.iter().filter(|row| row.closed_on.is_some()).map(|row| row.service_id).collect();
    let settings = services::ops::settings_of(work, &viewer.scope, &closed)?;
    let now = work.now;
    let late = |row: &CaseRow| {
        let settings = settings.get(&row.service_id);
        settings.is_some_and(|settings| takes_late_entries(row, settings, settings.date_of(now)))
    };
    let mut related = store::related(work.conn, viewer, &rows)?;
    unwrap_keys(work, std::mem::take(&mut related.keys))?;
    let homes: Vec<Id> = related.children.iter().map(households::ops::ChildRow::household).collect();
    let children = households::ops::children(&data_keys::data_keys(work, &homes)?, &related.children)?;
    let shows_names = names::ops::are_shown(work);
    let lang = work.call.lang;
    let case = |row: CaseRow| {
        let id = row.id;
        let (latest_step, latest_step_on) = related.latest_steps.remove(&id).unzip();
        let referent = related.referents.remove(&id);
        let referent_disabled = referent.as_ref().is_some_and(|(.., disabled_at)| disabled_at.is_some());
        let (referent_id, referent_name, referent_since) = match referent {
            Some((user, name, since, _)) => (Some(user), shows_names.then_some(name), Some(since)),
            None => (None, None, None),
        };
        let (complex_since, complexity_grounds) = related.complexities.remove(&id).unzip();
        let (suspended_since, suspension_reason, resumes_on) = match related.suspensions.remove(&id) {
            Some((since, reason, until)) => (Some(since), Some(reason), until),
            None => (None, None, None),
        };
        let mut available_actions = row.status.available_actions(row.subject, late(&row));
        let standing = Standing {
            is_suspended: suspended_since.is_some(),
            is_complex: complex_since.is_some(),
            has_open_sibling: row
                .child_id
                .is_some_and(|child| related.in_open_case.get(&child).is_some_and(|open| *open != id)),
        };
        available_actions.retain(|action| action.fits(standing));
        let epci = row.commune_code.epci();
        Case {
            // A child can have two cases on a page.
            child: row.child_id.and_then(|child| children.get(&child).cloned()),
            organisation_name: row.organisation_id.and_then(|named| related.organisations.get(&named).cloned()),
            commune_name: row.commune_code.name(),
            epci_code: epci.and_then(|epci| epci.code.parse::<EpciCode>().ok()),
            epci_name: epci.map(|epci| epci.name),
            needs: related.needs.remove(&id).unwrap_or_default(),
            referent_id,
            referent_name,
            referent_disabled,
            referent_since,
            outcome_label: row.outcome.as_ref().and_then(|outcome| outcome.label(lang)),
            latest_step_label: latest_step.as_ref().and_then(|step| step.label(lang)),
            last_intervention_on: related.last_interventions.get(&id).copied(),
            referral_ids: related.referrals.remove(&id).unwrap_or_default(),
            available_actions,
            priority: row.priority,
            complex_since,
            complexity_grounds: complexity_grounds.unwrap_or_default(),
            suspended_since,
            suspension_reason_label: suspension_reason.as_ref().and_then(|reason| reason.label(lang)),
            suspension_reason,
            resumes_on,
            id,
            service_id: row.service_id,
            subject: row.subject,
            household_id: row.household_id,
            child_id: row.child_id,
            organisation_id: row.organisation_id,
            commune_code: row.commune_code,
            status: row.status,
            opened_on: row.opened_on,
            closed_on: row.closed_on,
            outcome: row.outcome,
            latest_step,
            latest_step_on,
            next_follow_up_on: row.next_follow_up_on,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            counted_in: None,
            expanded: None,
        }
    };
    Ok(rows.into_iter().map(case).collect())
}

/// Sets or clears the next follow-up.
pub fn plan_follow_up(work: &mut Work<'_>, viewer: &Viewer, case: &CaseRow, plan: &FollowUp) -> Result<Case, ApiError> {
    let today = require_action(work, &viewer.scope, case, CaseAction::PlanFollowUp)?;
    ApiError::reject_if_any(
        plan.next_follow_up_on.and_then(|day| dates::not_too_far_ahead("/next_follow_up_on", day, today)),
    )?;
    if plan.next_follow_up_on.is_some_and(|day| day < today) {
        let message = Text::new(
            "Le prochain point doit être prévu aujourd'hui ou plus tard.",
            "The next follow-up must be today or later.",
        );
        return Err(ApiError::rule("/next_follow_up_on", "in_the_past", message));
    }
    let new = CaseRow { next_follow_up_on: plan.next_follow_up_on, ..case.clone() };
    let new = replace(work, case, new)?;
    to_case(work, viewer, new)
}

/// Sets the priority of a case.
pub fn set_priority(
    work: &mut Work<'_>,
    viewer: &Viewer,
    case: &CaseRow,
    asked: &CasePrioritySetting,
) -> Result<Case, ApiError> {
    require_action(work, &viewer.scope, case, CaseAction::SetPriority)?;
    if asked.priority == case.priority {
        return to_case(work, viewer, case.clone());
    }
    let new = replace(work, case, CaseRow { priority: asked.priority, ..case.clone() })?;
    to_case(work, viewer, new)
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
    new.with_key()
}
