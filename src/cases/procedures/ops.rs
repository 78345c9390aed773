//! Recording and reading procedures.

use super::dto::{Procedure, ProcedureFilter, ProcedureInput, ProcedurePage};
use super::model::Course;
use super::store::{self, ProcedureRow, Related};
use crate::accounts::names;
use crate::accounts::names::model::Names;
use crate::cases::common::{in_path, record_read, require_action, touch};
use crate::cases::model::{CaseAction, Subject};
use crate::cases::ops::Viewer;
use crate::data_keys::{self, unwrap_keys};
use crate::db::Id;
use crate::error::{ApiError, Fault, Faults, Text};
use crate::http::Field;
use crate::http::page::List;
use crate::privacy::{self, Place, Secret};
use crate::services;
use crate::trail::Resource;
use crate::work::Work;
use crate::{households, organisations};

pub use crate::cases::common::{FoundCase, find_case};

/// Records a procedure.
pub fn create(
    work: &mut Work<'_>,
    viewer: &Viewer,
    FoundCase(found): &FoundCase,
    new: ProcedureInput,
) -> Result<Procedure, ApiError> {
    let case = &found.case;
    let today = require_action(work, &viewer.scope, case, CaseAction::RecordProcedure)?;
    let (organisation, note) = (new.organisation_id, new.note.clone());
    let course = course_of(new);
    let mut faults = Faults::default();
    if case.subject != Subject::Child {
        let message = Text::new(
            "Ce suivi concerne une structure : une démarche concerne un enfant.",
            "This case is about a structure: a procedure is about a child.",
        );
        faults.add([Fault::new("", "not_a_child_case", message)]);
    }
    faults.add(course.faults(None, today));
    faults.add(found.birth_faults(course.days()));
    check_organisation(work, case.service_id, organisation, &mut faults)?;
    faults.finish()?;
    let id = Id::at(work.now);
    let sealed = match &note {
        Some(note) => Some(data_keys::data_key(work, case.key_owner())?.seal(note_at(&id), note)?),
        None => None,
    };
    let row = ProcedureRow::new(work, case, id, course, organisation, sealed);
    touch(work, &viewer.scope, case, &Field::Keep)?;
    store::insert(work.conn, &row)?;
    work.created_in(case.id, Resource::Procedure, row.service_id, id);
    show_one(work, viewer, row)
}

fn course_of(new: ProcedureInput) -> Course {
    Course {
        kind: new.kind,
        waiting_since: new.waiting_since,
        filed_on: new.filed_on,
        complete_on: new.complete_on,
        decided_on: new.decided_on,
        notified_on: new.notified_on,
        expires_on: new.expires_on,
        outcome: new.outcome,
        next_on: new.next_on,
    }
}

/// The fault of an organisation that is not in the directory of the service.
pub(super) fn check_organisation(
    work: &mut Work<'_>,
    service: Id,
    organisation: Option<Id>,
    faults: &mut Faults,
) -> Result<(), ApiError> {
    organisations::ops::find_named(work, service, &[("/organisation_id", organisation)], faults).map(drop)
}

/// One procedure in scope.
pub fn get(work: &mut Work<'_>, viewer: &Viewer, id: Id) -> Result<Procedure, ApiError> {
    let row = store::get(work.conn, &viewer.scope, id)?;
    show_one(work, viewer, row)
}

/// A page of the procedures of a case in scope.
pub fn of_case(
    work: &mut Work<'_>,
    viewer: &Viewer,
    case: Id,
    list: &List<ProcedureFilter>,
) -> Result<ProcedurePage, ApiError> {
    let case = in_path(work, &viewer.scope, case)?;
    record_read(work, &case);
    let scope = viewer.scope.within(list.filter.service_id);
    let days = services::ops::by_day(work, &scope)?;
    let (rows, info) = store::list(work.conn, &scope, Some(case.id), &list.filter, &days, &list.page)?;
    Ok(ProcedurePage { data: show(work, viewer, rows)?, page: info })
}

/// A page of the procedures in scope.
pub fn list(work: &mut Work<'_>, viewer: &Viewer, list: &List<ProcedureFilter>) -> Result<ProcedurePage, ApiError> {
    let scope = viewer.scope.within(list.filter.service_id);
    let days = services::ops::by_day(work, &scope)?;
    let (rows, info) = store::list(work.conn, &scope, None, &list.filter, &days, &list.page)?;
    Ok(ProcedurePage { data: show(work, viewer, rows)?, page: info })
}

/// A procedure as it was read or just written.
pub(super) fn show_one(work: &mut Work<'_>, viewer: &Viewer, row: ProcedureRow) -> Result<Procedure, ApiError> {
    show(work, viewer, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// Procedures with what they name, which is read together whatever the number of rows.
fn show(work: &mut Work<'_>, viewer: &Viewer, rows: Vec<ProcedureRow>) -> Result<Vec<Procedure>, ApiError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let services: Vec<Id> = rows.iter().map(|row| row.service_id).collect();
    let days = services::ops::days(work, &services)?;
    let accounts = names::ops::of_authors(work, rows.iter().map(|row| row.author.as_str()));
    let mut related = store::related(work.conn, viewer, &rows, &accounts)?;
    unwrap_keys(work, std::mem::take(&mut related.keys))?;
    let owners: Vec<Id> = related.cases.values().map(|case| case.household.unwrap_or(case.id)).collect();
    let keys = data_keys::data_keys(work, &owners)?;
    let children = households::ops::children(&keys, &related.children)?;
    let Related { cases, referents, organisations, users, clients, .. } = related;
    let names = Names::new(users, clients);
    let (shows_names, lang) = (names::ops::are_shown(work), work.call.lang);
    let mut data = Vec::with_capacity(rows.len());
    for row in rows {
        let case = cases.get(&row.case_id).ok_or_else(ApiError::not_found)?;
        let owner = case.household.unwrap_or(case.id);
        work.trail.open(owner, row.service_id);
        let today = *days.get(&row.service_id).ok_or_else(ApiError::not_found)?;
        let note: Option<Secret<String>> =
            privacy::open_unless_erased(keys.get(&owner), note_at(&row.id), row.note.as_deref())?;
        let referent = referents.get(&case.id);
        data.push(Procedure {
            case_status: case.status,
            child_id: case.child,
            child_name: case.child.and_then(|child| children.get(&child)).map(households::ops::whole_name),
            case_referent_id: referent.map(|(user, _)| *user),
            case_referent_name: referent.filter(|_| shows_names).map(|(_, name)| name.clone()),
            kind_label: row.kind.label(lang),
            state: row.course().state_on(today),
            organisation_name: row.organisation_id.and_then(|named| organisations.get(&named).cloned()),
            outcome_label: row.outcome.as_ref().and_then(|outcome| outcome.label(lang)),
            note,
            author_name: names.of(&row.author),
            id: row.id,
            service_id: row.service_id,
            case_id: row.case_id,
            kind: row.kind,
            organisation_id: row.organisation_id,
            waiting_since: row.waiting_since,
            filed_on: row.filed_on,
            complete_on: row.complete_on,
            decided_on: row.decided_on,
            notified_on: row.notified_on,
            expires_on: row.expires_on,
            outcome: row.outcome,
            next_on: row.next_on,
            author: row.author,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        });
    }
    Ok(data)
}

pub(super) fn note_at(id: &Id) -> Place<'_> {
    Place { table: "procedures", column: "note", row: id.as_str() }
}
