//! Changing hands: one or many cases get another référent, each with its own result.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;

use super::dto::{HandOver, HandOverItem, HandOverOutcome, HandOverReport, HandOverWarning};
use super::model::Capacity;
use super::ops::{new_row, not_of_the_service};
use super::store::{self, CaseToHandOver, MemberRow};
use crate::absences::store::AbsenceRow;
use crate::auth::ServiceScope;
use crate::cases::model::{CaseAction, CaseStatus};
use crate::dates;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, problem};
use crate::households::absorbed::ops::pointing_on;
use crate::naming;
use crate::services;
use crate::trail::Resource;
use crate::work::Work;

/// Who is in charge of some cases: the row of the référent of each case that has one.
pub type InCharge = HashMap<Id, Id>;

/// Who is in charge of some cases in scope, as a call that hands them over finds them when it arrives. Two calls that arrive
/// together find the same, and the second one to write is refused.
pub fn in_charge(work: &mut Work<'_>, scope: &ServiceScope, cases: &[Id]) -> Result<InCharge, ApiError> {
    Ok(store::in_charge(work.conn, scope, cases)?.into_iter().collect())
}

/// Hands cases over to another référent: each is changed or refused by itself. A fixed number of statements, whatever the
/// number of cases. `base` is the URL under which clients know the API; `seen` is who was in charge when the call arrived: a
/// case that has changed hands since is refused.
pub fn hand_over(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    base: &str,
    asked: &HandOver,
    seen: &InCharge,
) -> Result<HandOverReport, ApiError> {
    let of_cases = match scope.ids() {
        [one] => vec![*one],
        _ => store::services_of(work.conn, scope, &asked.case_ids)?,
    };
    for service in of_cases {
        work.lock_one(Lock::Teams, service)?;
    }
    let since = asked.starts_on.unwrap_or_else(|| yesterday(work));
    let (rows, referents, members, ended, works_in, absences) =
        store::to_hand_over(work.conn, scope, &asked.case_ids, asked.referent_id, since)?;
    let services: Vec<Id> = rows.iter().map(|row| row.service_id).collect();
    let days = services::ops::days(work, &services)?;
    let known: HashMap<Id, CaseToHandOver> = rows.into_iter().map(|row| (row.id, row)).collect();
    let referents: HashMap<Id, MemberRow> = referents.into_iter().map(|row| (row.case_id, row)).collect();
    let ended: HashMap<Id, NaiveDate> = ended.into_iter().filter_map(|(case, last)| Some((case, last?))).collect();
    let works_in: HashSet<Id> = works_in.into_iter().collect();
    // By first day: cases of several services can have different days.
    let mut changes: BTreeMap<NaiveDate, (Vec<Id>, Vec<MemberRow>)> = BTreeMap::new();
    let mut named = HashSet::new();
    let mut first_days = HashSet::new();
    let mut data = Vec::with_capacity(asked.case_ids.len());
    for (index, id) in asked.case_ids.iter().enumerate() {
        let former = referents.get(id);
        let mut item = HandOverItem {
            case_id: *id,
            case_name: None,
            outcome: HandOverOutcome::Changed,
            former_referent_id: former.map(|row| row.user_id),
            former_referent_name: None,
            problem: None,
        };
        let since = former.map(|row| row.starts_on).into_iter().chain(ended.get(id).copied()).max();
        match change(asked, known.get(id), (former, since), seen.get(id).copied(), &works_in, &days) {
            Err(error) => {
                let error = pointing_on::<()>(work, scope, *id, Err(error)).err().unwrap_or_else(ApiError::not_found);
                item.outcome = HandOverOutcome::Refused;
                let mut told = problem(&error, base, "", &work.call.request_id, work.call.lang);
                told.instance = format!("/case_ids/{index}");
                told.name_item(&format!("/case_ids/{index}"));
                item.problem = Some(Box::new(told));
            }
            // A case that is named twice is handed over once.
            Ok(Some((service, starts_on))) if named.insert(*id) => {
                first_days.insert((service, starts_on));
                let (ended, new) = changes.entry(starts_on).or_default();
                if let Some(former) = former {
                    ended.push(former.id);
                    work.changed_in(*id, Resource::CaseMember, service, former.id);
                }
                let member = members.iter().find(|member| member.case_id == *id);
                let row = new_row(work, (service, *id), asked.referent_id, Capacity::Referent, starts_on);
                work.created_in(*id, Resource::CaseMember, service, row.id);
                work.changed(Resource::Case, service, *id);
                new.push(row);
                // A person has one part at a time.
                if let Some(member) = member {
                    changes.entry(starts_on.max(member.starts_on)).or_default().0.push(member.id);
                    work.changed_in(*id, Resource::CaseMember, service, member.id);
                }
            }
            // It had this référent already, or was named before.
            Ok(_) => item.outcome = HandOverOutcome::Unchanged,
        }
        data.push(item);
    }
    for (day, (ended, new)) in changes {
        store::hand_over(work.conn, &ended, day, &new, work.now)?;
    }
    let number = |outcome| data.iter().filter(|item| item.outcome == outcome).count();
    let (handed, kept) = (number(HandOverOutcome::Changed), number(HandOverOutcome::Unchanged));
    let falls_in = |absence: &AbsenceRow| {
        first_days.iter().any(|(service, day)| absence.service_id == *service && absence.days().include(*day))
    };
    let warnings: Vec<_> = absences.iter().filter(|absence| falls_in(absence)).map(warning).collect();
    let (data, warnings) = naming::ops::named(work, (data, warnings))?;
    Ok(HandOverReport { changed: handed, unchanged: kept, refused: data.len() - handed - kept, data, warnings })
}

/// The service and the first day of a new référent; none if the case has this one already. `since` is the first day of the
/// former one, or the last day of who was in charge before.
fn change(
    asked: &HandOver,
    case: Option<&CaseToHandOver>,
    (former, since): (Option<&MemberRow>, Option<NaiveDate>),
    seen: Option<Id>,
    works_in: &HashSet<Id>,
    days: &HashMap<Id, NaiveDate>,
) -> Result<Option<(Id, NaiveDate)>, ApiError> {
    // The same refusal whether the case is in another service or does not exist.
    let case = case.ok_or_else(ApiError::not_found)?;
    if case.status != CaseStatus::Open {
        let actions = case.status.available_actions(crate::cases::model::Subject::Child, false);
        return Err(ApiError::wrong_state(case.status.as_str(), actions.iter().map(CaseAction::as_str)));
    }
    let today = *days.get(&case.service_id).ok_or_else(ApiError::not_found)?;
    let starts_on = asked.starts_on.unwrap_or(today);
    let mut faults: Vec<Fault> = [
        (!works_in.contains(&case.service_id)).then(|| not_of_the_service("/referent_id")),
        dates::not_in_the_future("/starts_on", starts_on, today),
        dates::not_before("/starts_on", starts_on, case.opened_on, "before_opening"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if former.is_some_and(|former| former.user_id == asked.referent_id) && faults.is_empty() {
        return Ok(None);
    }
    let expected = asked.from_referent_id.is_none_or(|from| former.is_some_and(|former| former.user_id == from));
    if faults.is_empty() && (!expected || former.map(|former| former.id) != seen) {
        return Err(changed_meanwhile(former));
    }
    if faults.is_empty() {
        faults.extend(since.and_then(|since| dates::not_before("/starts_on", starts_on, since, "before_last_event")));
    }
    ApiError::reject_if_any(faults)?;
    Ok(Some((case.service_id, starts_on)))
}

/// The refusal of a case that somebody else has just handed over.
fn changed_meanwhile(current: Option<&MemberRow>) -> ApiError {
    let error = ApiError::new(Code::Conflict).detail(
        "Le référent de ce suivi n'est plus celui que vous aviez sous les yeux : relire le suivi, puis recommencer.",
        "The référent of this case is no longer the one that you saw: read the case again, then try again.",
    );
    match current {
        Some(current) => error.with("referent_id", current.user_id.as_str()),
        None => error,
    }
}

fn warning(absence: &AbsenceRow) -> HandOverWarning {
    HandOverWarning {
        code: "absence",
        user_id: absence.user_id,
        user_name: None,
        absence_id: absence.id,
        starts_on: absence.starts_on,
        ends_on: absence.ends_on,
    }
}

/// A day that is not after today anywhere.
fn yesterday(work: &Work<'_>) -> NaiveDate {
    let day = work.now.to_utc().date_naive();
    day.pred_opt().unwrap_or(day)
}
