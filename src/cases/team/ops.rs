//! Teams of cases: who is in charge, joining and leaving.

use chrono::NaiveDate;

use super::dto::{CaseMember, CaseMemberEnd, CaseMemberInput, CaseMemberPage};
use super::model::{Capacity, Days};
use super::store::{self, MemberRow};
use crate::accounts::names;
use crate::accounts::names::model::Names;
use crate::auth::{PrincipalId, ServiceScope};
use crate::cases::common::{in_path, record_read, require_action, touch};
use crate::cases::model::CaseAction;
use crate::cases::store::CaseRow;
use crate::dates;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text};
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

pub(super) fn new_row(
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
pub(super) fn not_of_the_service(pointer: &str) -> Fault {
    let message = Text::new(
        "Cette personne n'a pas de rôle dans le service du suivi.",
        "This person has no role in the service of the case.",
    );
    Fault::new(pointer, "not_of_the_service", message)
}

/// The row of a case in scope, to add a person to its team; 404 if there is none.
pub fn find_case(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<CaseRow, ApiError> {
    let row = in_path(work, scope, id)?;
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
    let (parts, works_in) = store::standing_of(work.conn, (case.service_id, case.id), new.user_id)?;
    let faults = [
        works_in.is_none().then(|| not_of_the_service("/user_id")),
        dates::not_in_the_future("/starts_on", starts_on, today),
        dates::not_before("/starts_on", starts_on, case.opened_on, "before_opening"),
    ];
    ApiError::reject_if_any(faults.into_iter().flatten())?;
    if let Some(current) = parts.iter().find(|part| part.ends_on.is_none()) {
        return Err(twice(current));
    }
    let days = Days { starts_on, ends_on: None };
    refuse_twice(Capacity::Member, days, &parts)?;
    let row = new_row(work, (case.service_id, case.id), new.user_id, Capacity::Member, starts_on);
    touch(work, scope, case, &Field::Keep)?;
    store::insert(work.conn, &row)?;
    work.created_in(row.case_id, Resource::CaseMember, row.service_id, row.id);
    show_one(work, row)
}

/// Fails with a 409 that names it if a part of the same person in the same capacity has some of the days of a new one, or of a
/// corrected one.
pub(super) fn refuse_twice<'a>(
    capacity: Capacity,
    days: Days,
    parts: impl IntoIterator<Item = &'a MemberRow>,
) -> Result<(), ApiError> {
    let clashes = |part: &&MemberRow| part.capacity == capacity && part.days().overlaps(days);
    parts.into_iter().find(clashes).map_or(Ok(()), |part| Err(twice(part)))
}

/// The refusal of a second part of one person at one time.
fn twice(part: &MemberRow) -> ApiError {
    let error = ApiError::new(Code::Conflict);
    let error = match part.ends_on {
        None => error.detail(
            "Cette personne est déjà dans l'équipe du suivi (voir `existing_id`).",
            "This person is already in the team of the case: see `existing_id`.",
        ),
        Some(last) => {
            let (first_fr, last_fr) = (dates::french(part.starts_on), dates::french(last));
            error.detail(
                format!(
                    "Cette personne était déjà dans l'équipe du suivi du {first_fr} au {last_fr} (voir `existing_id`) : choisir d'autres jours, ou corriger ceux-là (`PATCH /v1/case-members/{{id}}`)."
                ),
                format!(
                    "This person was already in the team of the case from {} to {last} (see `existing_id`): choose other days, or correct those (`PATCH /v1/case-members/{{id}}`).",
                    part.starts_on
                ),
            )
        }
    };
    error.with("existing_id", part.id.as_str())
}

/// A page of the people who accompany a case or did.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: Id,
    page: &PageRequest,
) -> Result<CaseMemberPage, ApiError> {
    let case = in_path(work, scope, case)?;
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

pub(super) fn show_one(work: &mut Work<'_>, row: MemberRow) -> Result<CaseMember, ApiError> {
    show(work, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

fn show(work: &mut Work<'_>, rows: Vec<MemberRow>) -> Result<Vec<CaseMember>, ApiError> {
    let users: Vec<String> = rows.iter().map(|row| PrincipalId::User(row.user_id).to_string()).collect();
    let authors = rows.iter().map(|row| row.author.as_str()).chain(users.iter().map(String::as_str));
    let accounts = names::ops::of_authors(work, authors);
    let people: Vec<Id> = rows.iter().map(|row| row.user_id).collect();
    let (users, clients, disabled) = store::people(work.conn, &accounts, &people)?;
    let names = Names::new(users, clients);
    let member = |row: MemberRow| CaseMember {
        user_disabled: disabled.contains(&row.user_id),
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
