//! Teams of cases: who is in charge, changing hands, joining and leaving.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;

use super::dto::{
    CaseMember, CaseMemberEnd, CaseMemberInput, CaseMemberPage, HandOver, HandOverItem, HandOverOutcome, HandOverReport,
};
use super::model::Capacity;
use super::store::{self, CaseToHandOver, MemberRow};
use crate::accounts::names;
use crate::auth::{PrincipalId, ServiceScope};
use crate::cases::common::{record_read, require_action, touch};
use crate::cases::model::{CaseAction, CaseStatus};
use crate::cases::store::{self as cases, CaseRow};
use crate::dates;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text, problem};
use crate::http::Field;
use crate::http::page::PageRequest;
use crate::services;
use crate::trail::Resource;
use crate::work::Work;

/// The first référent of a new case: the person who opens it, by accepting its referral. None for an API client.
pub(in crate::cases) fn first_referent(work: &mut Work<'_>, case: &CaseRow) -> Option<MemberRow> {
    let PrincipalId::User(user) = work.call.principal else { return None };
    let row = new_row(work, (case.service_id, case.id), user, Capacity::Referent, case.opened_on);
    work.created_in(row.case_id, Resource::CaseMember, row.service_id, row.id);
    Some(row)
}

fn new_row(
    work: &Work<'_>,
    (service_id, case_id): (Id, Id),
    user_id: Id,
    capacity: Capacity,
    starts_on: NaiveDate,
) -> MemberRow {
    MemberRow {
        id: Id::next(work.now),
        service_id,
        case_id,
        user_id,
        capacity,
        starts_on,
        ends_on: None,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    }
}

/// The refusal of a person who has no role in the service of a case.
fn not_of_the_service(pointer: &str) -> Fault {
    let message = Text::new(
        "Cette personne n'a pas de rôle dans le service du suivi.",
        "This person has no role in the service of the case.",
    );
    Fault::new(pointer, "not_of_the_service", message)
}

/// The row of a case in scope, to add a person to its team; 404 if there is none.
pub fn find_case(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<CaseRow, ApiError> {
    let row = cases::get(work.conn, scope, id)?;
    work.lock_first(Lock::Teams, row.service_id);
    Ok(row)
}

/// Adds a person to the team of a case.
pub fn add(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    new: &CaseMemberInput,
) -> Result<CaseMember, ApiError> {
    let today = require_action(work, scope, case, CaseAction::PlanFollowUp)?;
    let starts_on = new.starts_on.unwrap_or(today);
    let (member, works_in) = store::standing_of(work.conn, (case.service_id, case.id), new.user_id)?;
    let faults = [
        works_in.is_none().then(|| not_of_the_service("/user_id")),
        dates::not_in_the_future("/starts_on", starts_on, today),
        dates::not_before("/starts_on", starts_on, case.opened_on, "before_opening"),
    ];
    ApiError::reject_if_any(faults.into_iter().flatten())?;
    if let Some(existing) = member {
        return Err(ApiError::new(Code::Conflict)
            .detail(
                "Cette personne est déjà dans l'équipe du suivi.",
                "This person is already in the team of the case.",
            )
            .with("existing_id", existing.as_str()));
    }
    let row = new_row(work, (case.service_id, case.id), new.user_id, Capacity::Member, starts_on);
    touch(work, scope, case, &Field::Keep)?;
    store::insert(work.conn, &row)?;
    work.created_in(row.case_id, Resource::CaseMember, row.service_id, row.id);
    show_one(work, row)
}

/// A page of the people who accompany a case or did.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: Id,
    page: &PageRequest,
) -> Result<CaseMemberPage, ApiError> {
    let case = cases::get(work.conn, scope, case)?;
    record_read(work, &case);
    let (rows, info) = store::list(work.conn, scope, case.id, page)?;
    Ok(CaseMemberPage { data: show(work, rows)?, page: info })
}

/// The row of a member in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<MemberRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One member in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<CaseMember, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    show_one(work, row)
}

/// Ends a person's part in a case, whether the case is open or closed. A case whose référent ends has none, until it is
/// handed over.
pub fn end(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    member: &MemberRow,
    end: &CaseMemberEnd,
) -> Result<CaseMember, ApiError> {
    let today = services::ops::settings(work, scope, member.service_id)?.date_of(work.now);
    if let Some(ended) = member.ends_on {
        return Err(ApiError::wrong_state("ended", std::iter::empty()).detail(
            format!("Cette personne n'accompagne plus le suivi depuis le {}.", dates::french(ended)),
            format!("This person has not accompanied the case since {ended}."),
        ));
    }
    let ends_on = end.ends_on.unwrap_or(today);
    let faults = [
        dates::not_in_the_future("/ends_on", ends_on, today),
        dates::not_before("/ends_on", ends_on, member.starts_on, "before_start"),
    ];
    ApiError::reject_if_any(faults.into_iter().flatten())?;
    let mut new = member.clone();
    new.ends_on = Some(ends_on);
    new.version = member.version + 1;
    new.updated_at = work.now;
    ApiError::require_first(store::update(work.conn, member, &new)?)?;
    work.changed_in(new.case_id, Resource::CaseMember, new.service_id, new.id);
    work.changed(Resource::Case, new.service_id, new.case_id);
    show_one(work, new)
}

/// Hands cases over to another référent: each is changed or refused by itself. A fixed number of statements, whatever the
/// number of cases. `base` is the URL under which clients know the API.
pub fn hand_over(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    base: &str,
    asked: &HandOver,
) -> Result<HandOverReport, ApiError> {
    let of_cases = match scope.ids() {
        [one] => vec![*one],
        _ => store::services_of(work.conn, scope, &asked.case_ids)?,
    };
    for service in of_cases {
        work.lock_one(Lock::Teams, service)?;
    }
    let (rows, referents, works_in) = store::to_hand_over(work.conn, scope, &asked.case_ids, asked.referent_id)?;
    let services: Vec<Id> = rows.iter().map(|row| row.service_id).collect();
    let days = services::ops::days(work, &services)?;
    let known: HashMap<Id, CaseToHandOver> = rows.into_iter().map(|row| (row.id, row)).collect();
    let referents: HashMap<Id, MemberRow> = referents.into_iter().map(|row| (row.case_id, row)).collect();
    let works_in: HashSet<Id> = works_in.into_iter().collect();
    // By first day: cases of several services can have different days.
    let mut changes: BTreeMap<NaiveDate, (Vec<Id>, Vec<MemberRow>)> = BTreeMap::new();
    let mut seen = HashSet::new();
    let mut data = Vec::with_capacity(asked.case_ids.len());
    for (index, id) in asked.case_ids.iter().enumerate() {
        let former = referents.get(id);
        let mut item = HandOverItem {
            case_id: *id,
            outcome: HandOverOutcome::Changed,
            former_referent_id: former.map(|row| row.user_id),
            problem: None,
        };
        match change(asked, known.get(id), former, &works_in, &days) {
            Err(error) => {
                item.outcome = HandOverOutcome::Refused;
                let mut told = problem(&error, base, "", &work.call.request_id, work.call.lang);
                told.instance = format!("/case_ids/{index}");
                item.problem = Some(Box::new(told));
            }
            // A case that is named twice is handed over once.
            Ok(Some((service, starts_on))) if seen.insert(*id) => {
                let (ended, new) = changes.entry(starts_on).or_default();
                if let Some(former) = former {
                    ended.push(former.id);
                    work.changed_in(*id, Resource::CaseMember, service, former.id);
                }
                let row = new_row(work, (service, *id), asked.referent_id, Capacity::Referent, starts_on);
                work.created_in(*id, Resource::CaseMember, service, row.id);
                work.changed(Resource::Case, service, *id);
                new.push(row);
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
    Ok(HandOverReport { changed: handed, unchanged: kept, refused: data.len() - handed - kept, data })
}

/// The service and the first day of a new référent; none if the case has this one already.
fn change(
    asked: &HandOver,
    case: Option<&CaseToHandOver>,
    former: Option<&MemberRow>,
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
    let since =
        former.and_then(|former| dates::not_before("/starts_on", starts_on, former.starts_on, "before_last_event"));
    if faults.is_empty() {
        faults.extend(since);
    }
    ApiError::reject_if_any(faults)?;
    Ok(Some((case.service_id, starts_on)))
}

fn show_one(work: &mut Work<'_>, row: MemberRow) -> Result<CaseMember, ApiError> {
    show(work, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

fn show(work: &mut Work<'_>, rows: Vec<MemberRow>) -> Result<Vec<CaseMember>, ApiError> {
    let users: Vec<String> = rows.iter().map(|row| PrincipalId::User(row.user_id).to_string()).collect();
    let authors = rows.iter().map(|row| row.author.as_str()).chain(users.iter().map(String::as_str));
    let names = names::ops::read(work, authors)?;
    let member = |row: MemberRow| CaseMember {
        user_name: names.of_user(row.user_id),
        author_name: names.of(&row.author),
        id: row.id,
        case_id: row.case_id,
        user_id: row.user_id,
        capacity: row.capacity,
        starts_on: row.starts_on,
        ends_on: row.ends_on,
        author: row.author,
        version: row.version,
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(member).collect())
}
