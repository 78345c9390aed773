//! Correcting a note, removing it, and its history.

use serde_json::{Value, json};

use super::dto::{CaseNotePatch, CaseNoteRecord};
use super::model::{CaseNoteKind, reader_faults};
use super::ops::{reader, show_one, text_at};
use super::store::{self, NoteRow};
use crate::auth::ServiceScope;
use crate::cases::common::{around, touch, writing_key};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::dto::{CorrectionPage, FieldChange};
use crate::cases::corrections::ops::{self as corrections, Corrected, Corrector, Origin};
use crate::cases::corrections::store::removal;
use crate::cases::store::CaseRow;
use crate::data_keys;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::Field;
use crate::http::page::PageRequest;
use crate::privacy::{self, Secret};
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// The row of a note that the caller reads; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<NoteRow, ApiError> {
    let reader = reader(work, scope);
    Ok(store::get(work.conn, reader, id)?)
}

/// Who corrects a summary is who corrects other records. A restricted note is its author's.
fn require(work: &Work<'_>, corrector: &Corrector, row: &NoteRow) -> Result<(), ApiError> {
    match row.kind {
        CaseNoteKind::Summary => corrector.require(work, row.service_id, &row.author),
        CaseNoteKind::Restricted => require_author(work, &row.author),
    }
}

fn require_author(work: &Work<'_>, author: &str) -> Result<(), ApiError> {
    if work.author() == author {
        return Ok(());
    }
    Err(ApiError::new(Code::Forbidden).detail(
        "Cette note est réservée : la corriger, la supprimer et lire son historique reviennent à la seule personne qui l'a écrite.",
        "This note is restricted: only who wrote it may correct it, remove it and read its history.",
    ))
}

/// The readers of a note. A summary has none.
fn readers(work: &mut Work<'_>, row: &NoteRow) -> Result<Vec<Id>, ApiError> {
    if row.kind == CaseNoteKind::Summary {
        return Ok(Vec::new());
    }
    Ok(store::readers(work.conn, &[row.id])?.remove(&row.id).unwrap_or_default())
}

/// Corrects a note.
pub fn correct(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    row: &NoteRow,
    patch: CaseNotePatch,
) -> Result<CaseNoteRecord, ApiError> {
    require(work, corrector, row)?;
    let around = around(work, row.service_id, row.case_id)?;
    let case = &around.case;
    let key = writing_key(work, case)?;
    let was: Secret<String> = key.open(text_at(&row.id), &row.text)?;
    let had = readers(work, row)?;
    let text = patch.text.unwrap_or_else(|| was.clone());
    let people = patch.reader_ids.unwrap_or_else(|| had.clone());
    let changes = between(&values(row, Some(&was), &had), Some(&values(row, Some(&text), &people)));
    if changes.is_empty() {
        return show_one(work, case, row.clone());
    }
    // Who was named before stays, even without a role in the service today.
    let at_work = if people == had {
        Vec::new()
    } else {
        store::named(work.conn, (row.service_id, row.case_id), &people, None)?.0
    };
    ApiError::reject_if_any(reader_faults(row.kind, &people, &[at_work, had].concat()))?;
    let sealed = if text == was { row.text.clone() } else { key.seal(text_at(&row.id), &text)? };
    let new = NoteRow { text: sealed, version: row.version + 1, updated_at: work.now, ..row.clone() };
    let correction = corrections::row(work, corrected(case, row, None), &changes)?;
    if row.kind == CaseNoteKind::Summary {
        touch(work, scope, case, &Field::Keep)?;
        work.changed_in(case.id(), Resource::CaseNote, row.service_id, row.id);
    }
    ApiError::require_first(store::correct(work.conn, row, &new, &people, &correction)?)?;
    show_one(work, case, new)
}

/// Removes a note.
pub fn remove(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    row: &NoteRow,
    reason: DeletionReason,
) -> Result<(), ApiError> {
    require(work, corrector, row)?;
    let around = around(work, row.service_id, row.case_id)?;
    let case = &around.case;
    let key = data_keys::data_keys(work, &[case.key_owner()])?.remove(&case.key_owner());
    let was: Option<Secret<String>> =
        privacy::open_unless_erased(key.as_ref(), text_at(&row.id), Some(row.text.as_slice()))?;
    let changes = between(&values(row, was.as_ref(), &readers(work, row)?), None);
    let correction = corrections::row(work, corrected(case, row, Some(reason)), &changes)?;
    if row.kind == CaseNoteKind::Summary {
        touch(work, scope, case, &Field::Keep)?;
        work.deleted_in(case.id(), Resource::CaseNote, row.service_id, row.id, reason);
    }
    ApiError::require_first(store::remove(work.conn, row, &correction)?)
}

/// What a correction compares.
fn values(row: &NoteRow, text: Option<&Secret<String>>, readers: &[Id]) -> Value {
    json!({"kind": row.kind, "intervention_id": row.intervention_id, "text": text, "reader_ids": readers})
}

fn corrected<'a>(case: &'a CaseRow, row: &'a NoteRow, removed_for: Option<DeletionReason>) -> Corrected<'a> {
    Corrected {
        kind: Resource::CaseNote,
        id: row.id,
        case,
        version: row.version + 1,
        entered_by: &row.author,
        removed_for,
    }
}

/// A page of the history of a note. That of a restricted note is its author's.
pub fn history(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    id: Id,
    page: &PageRequest,
) -> Result<CorrectionPage, ApiError> {
    let reader = reader(work, scope);
    let live = store::origin(work.conn, reader, id)?.map(|(row, kind)| (Origin::from(row), kind));
    match &live {
        Some((origin, CaseNoteKind::Restricted)) => require_author(work, &origin.entered_by)?,
        None if !was_summary(work, scope, id)? => return Err(ApiError::not_found()),
        Some((_, CaseNoteKind::Summary)) | None => {}
    }
    corrections::history_of(work, scope, corrector, (Resource::CaseNote, id), live.map(|(origin, _)| origin), page)
}

/// Whether a note that was removed was a summary, or one of the caller. Its kind is sealed with its values: once they are erased,
/// its history is its author's.
fn was_summary(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<bool, ApiError> {
    let Some(removal) = removal(work.conn, scope, Resource::CaseNote, id)? else { return Ok(false) };
    if removal.entered_by == work.author() {
        return Ok(true);
    }
    let keys = corrections::keys(work, std::slice::from_ref(&removal))?;
    let values = corrections::changes(keys.get(&removal.key_owner), &removal)?.unwrap_or_default();
    let summary = CaseNoteKind::Summary.as_str();
    let is_summary = |change: &FieldChange| change.before.as_ref().is_some_and(|kind| kind.reveal() == summary);
    Ok(values.iter().any(|change| change.field == "kind" && is_summary(change)))
}
