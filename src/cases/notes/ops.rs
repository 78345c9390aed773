//! Writing and reading the notes of cases.

use super::dto::{CaseNoteFilter, CaseNoteInput, CaseNotePage, CaseNoteRecord};
use super::model::{CaseNoteKind, reader_faults};
use super::store::{self, NoteRow, Reader};
use crate::accounts::names::model::Names;
use crate::accounts::names::ops as names;
use crate::auth::ServiceScope;
use crate::cases::common::{around, in_path, reading_key, require_entry, touch, writing_key};
use crate::cases::model::CaseAction;
use crate::cases::store::CaseRow;
use crate::db::Id;
use crate::error::{ApiError, Fault, Text};
use crate::http::Field;
use crate::http::page::List;
use crate::privacy::{self, DataKey, Place};
use crate::trail::Resource;
use crate::work::Work;

/// The caller, who reads in a scope.
pub(super) fn reader<'a>(work: &Work<'_>, scope: &'a ServiceScope) -> Reader<'a> {
    Reader { scope, caller: work.call.principal }
}

/// Writes a note. That of a closed case is taken for as long as work is.
pub fn create(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    new: &CaseNoteInput,
) -> Result<CaseNoteRecord, ApiError> {
    // The settings and the key are read with it.
    around(work, case.service(), case.id())?;
    require_entry(work, scope, case, CaseAction::RecordIntervention)?;
    let (at_work, is_of_case) = if new.reader_ids.is_empty() && new.intervention_id.is_none() {
        (Vec::new(), true)
    } else {
        store::named(work.conn, (case.service(), case.id()), &new.reader_ids, new.intervention_id)?
    };
    let mut faults = reader_faults(new.kind, &new.reader_ids, &at_work);
    if !is_of_case {
        let message =
            Text::new("Aucune intervention de ce suivi n'a cet identifiant.", "No such intervention of the case.");
        faults.push(Fault::new("/intervention_id", "unknown_intervention", message));
    }
    ApiError::reject_if_any(faults)?;
    let id = Id::at(work.now);
    let row = NoteRow {
        id,
        service_id: case.service(),
        case_id: case.id(),
        intervention_id: new.intervention_id,
        kind: new.kind,
        text: writing_key(work, case)?.seal(text_at(&id), &new.text)?,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    if row.kind == CaseNoteKind::Summary {
        touch(work, scope, case, &Field::Keep)?;
        work.created_in(row.case_id, Resource::CaseNote, row.service_id, id);
    }
    store::insert(work.conn, &row, &new.reader_ids)?;
    show_one(work, case, row)
}

/// A page of the notes of a case that the caller reads.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: Id,
    list: &List<CaseNoteFilter>,
) -> Result<CaseNotePage, ApiError> {
    let case = in_path(work, scope, case)?;
    let reader = reader(work, scope);
    let (rows, page) = store::list(work.conn, reader, case.id(), &list.filter, &list.page)?;
    let key = reading_key(work, &case)?;
    Ok(CaseNotePage { data: show(work, rows, key.as_ref())?, page })
}

/// One note that the caller reads.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<CaseNoteRecord, ApiError> {
    let reader = reader(work, scope);
    let row = store::get(work.conn, reader, id)?;
    let around = around(work, row.service_id, row.case_id)?;
    show_one(work, &around.case, row)
}

pub(super) fn show_one(work: &mut Work<'_>, case: &CaseRow, row: NoteRow) -> Result<CaseNoteRecord, ApiError> {
    let key = reading_key(work, case)?;
    show(work, vec![row], key.as_ref())?.pop().ok_or_else(ApiError::not_found)
}

fn show(work: &mut Work<'_>, rows: Vec<NoteRow>, key: Option<&DataKey>) -> Result<Vec<CaseNoteRecord>, ApiError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let authors = names::of_authors(work, rows.iter().map(|row| row.author.as_str()));
    let mut related = store::related(work.conn, &ids, &authors)?;
    let (users, clients) = std::mem::take(&mut related.names);
    let (names, shows_names) = (Names::new(users, clients), names::are_shown(work));
    let mut data = Vec::with_capacity(rows.len());
    for row in rows {
        let readers = related.readers.remove(&row.id).unwrap_or_default();
        let (reader_ids, mut reader_names): (Vec<Id>, Vec<String>) = readers.into_iter().unzip();
        if !shows_names {
            reader_names.clear();
        }
        data.push(CaseNoteRecord {
            text: privacy::open_unless_erased(key, text_at(&row.id), Some(row.text.as_slice()))?,
            reader_ids,
            reader_names,
            author_name: names.of(&row.author),
            id: row.id,
            case_id: row.case_id,
            intervention_id: row.intervention_id,
            kind: row.kind,
            author: row.author,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        });
    }
    Ok(data)
}

pub(super) fn text_at(id: &Id) -> Place<'_> {
    Place { table: "case_notes", column: "text", row: id.as_str() }
}
