//! The SQL of the notes of cases. Who reads a restricted note is a condition of every query.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::dto::{CaseNoteFilter, CaseNoteSort};
use super::model::CaseNoteKind;
use crate::accounts::names::model::Accounts;
use crate::accounts::names::store::Named;
use crate::auth::{PrincipalId, ServiceScope};
use crate::cases::corrections::store::{CorrectionRow, OriginRow};
use crate::db::schema::{
    case_note_readers, case_notes, cases, clients, corrections, interventions, memberships, users,
};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, insert_together, sorted_page, together, write_together};
use crate::http::page::{PageInfo, PageRequest};

/// A row of `case_notes`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = case_notes, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct NoteRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) case_id: Id,
    pub(super) intervention_id: Option<Id>,
    pub(super) kind: CaseNoteKind,
    pub(super) text: Vec<u8>,
    pub(super) author: String,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

crate::versioned!(NoteRow);

#[derive(Insertable)]
#[diesel(table_name = case_note_readers, treat_none_as_default_value = false)]
struct ReaderRow {
    note_id: Id,
    user_id: Id,
    position: i32,
}

/// Who reads: the services in scope, and the caller.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    pub(super) scope: &'a ServiceScope,
    pub(super) caller: PrincipalId,
}

type Boxed<'a> = case_notes::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// The notes that the caller reads: summaries, their own notes, and those that name them.
fn visible(reader: Reader<'_>) -> Boxed<'_> {
    let query = case_notes::table.filter(case_notes::service_id.among(reader.scope.ids())).into_boxed();
    let own = case_notes::author.eq(reader.caller.to_string());
    let for_all = case_notes::kind.eq(CaseNoteKind::Summary).or(own);
    match reader.caller {
        PrincipalId::User(user) => {
            let of_user = case_note_readers::note_id.eq(case_notes::id).and(case_note_readers::user_id.eq(user));
            query.filter(for_all.or(exists(case_note_readers::table.filter(of_user))))
        }
        PrincipalId::Client(_) | PrincipalId::Local => query.filter(for_all),
    }
}

pub(super) fn get(conn: &mut AnyConn, reader: Reader<'_>, id: Id) -> QueryResult<NoteRow> {
    visible(reader).filter(case_notes::id.eq(id)).select(NoteRow::as_select()).get_result(conn)
}

/// The notes of a case that the caller reads and that match the filter.
fn filtered<'a>(reader: Reader<'a>, case: Id, filter: &'a CaseNoteFilter) -> Boxed<'a> {
    let mut query = visible(reader).filter(case_notes::case_id.eq(case));
    if let Some(kind) = filter.kind {
        query = query.filter(case_notes::kind.eq(kind));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(case_notes::updated_at.ge(since));
    }
    if let Some(intervention) = filter.intervention_id {
        query = query.filter(case_notes::intervention_id.eq(intervention));
    }
    query
}

/// A page of the notes of a case that the caller reads, by default latest first.
pub(super) fn list(
    conn: &mut AnyConn,
    reader: Reader<'_>,
    case: Id,
    filter: &CaseNoteFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<NoteRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(CaseNoteSort::CreatedAtDesc);
    Ok(sorted_page!(conn, page, filtered(reader, case, filter), case_notes as NoteRow, sort: CaseNoteSort {
        CreatedAt | CreatedAtDesc => created_at as UtcTs,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}

/// What several notes have in other tables.
pub(super) struct Related {
    /// Their readers with their names, in the order given.
    pub(super) readers: HashMap<Id, Vec<(Id, String)>>,
    /// Names of users and of clients.
    pub(super) names: (Named, Named),
}

/// What several notes have in other tables. The caller reads the notes.
pub(super) fn related(conn: &mut AnyConn, notes: &[Id], authors: &Accounts) -> QueryResult<Related> {
    let (named, users, clients) = together!(
        conn,
        case_note_readers::table
            .inner_join(users::table)
            .filter(case_note_readers::note_id.among(notes))
            .order((case_note_readers::note_id, case_note_readers::position))
            .select((case_note_readers::note_id, users::id, users::display_name))
            => (Id, Id, String),
        users::table.filter(users::id.among(&authors.users)).select((users::id, users::display_name)) => (Id, String),
        clients::table.filter(clients::id.among(&authors.clients)).select((clients::id, clients::name))
            => (Id, String),
    )?;
    let mut readers = HashMap::<Id, Vec<(Id, String)>>::new();
    for (note, user, name) in named {
        readers.entry(note).or_default().push((user, name));
    }
    Ok(Related { readers, names: (users, clients) })
}

/// The readers of some notes, in the order given.
pub(super) fn readers(conn: &mut AnyConn, notes: &[Id]) -> QueryResult<HashMap<Id, Vec<Id>>> {
    let rows: Vec<(Id, Id)> = case_note_readers::table
        .filter(case_note_readers::note_id.among(notes))
        .order((case_note_readers::note_id, case_note_readers::position))
        .select((case_note_readers::note_id, case_note_readers::user_id))
        .load(conn)?;
    let mut readers: HashMap<Id, Vec<Id>> = HashMap::new();
    for (note, user) in rows {
        readers.entry(note).or_default().push(user);
    }
    Ok(readers)
}

/// What a note names, as it was found: those of the people who work in the service, and whether the intervention is the case's.
pub(super) fn named(
    conn: &mut AnyConn,
    (service, case): (Id, Id),
    people: &[Id],
    intervention: Option<Id>,
) -> QueryResult<(Vec<Id>, bool)> {
    let asked: Vec<Id> = intervention.into_iter().collect();
    let (at_work, found) = together!(
        conn,
        memberships::table
            .inner_join(users::table)
            .filter(memberships::user_id.among(people).and(memberships::service_id.eq(service)))
            .filter(memberships::requested_by.is_null().and(users::disabled_at.is_null()))
            .select(memberships::user_id)
            => Id,
        interventions::table
            .filter(interventions::id.among(&asked).and(interventions::case_id.eq(case)))
            .select(interventions::id)
            => Id,
    )?;
    Ok((at_work, found.len() == asked.len()))
}

fn reader_rows(note: Id, people: &[Id]) -> Vec<ReaderRow> {
    (0..).zip(people).map(|(position, user)| ReaderRow { note_id: note, user_id: *user, position }).collect()
}

/// Writes a note with its readers.
pub(super) fn insert(conn: &mut AnyConn, row: &NoteRow, people: &[Id]) -> QueryResult<()> {
    let readers = reader_rows(row.id, people);
    insert_together!(conn, case_notes => std::slice::from_ref(row), case_note_readers => &readers)
}

/// Where a note that the caller reads is: its service, its author, its case and the household of the case; and its kind.
pub(super) fn origin(conn: &mut AnyConn, reader: Reader<'_>, id: Id) -> QueryResult<Option<(OriginRow, CaseNoteKind)>> {
    visible(reader)
        .inner_join(cases::table)
        .filter(case_notes::id.eq(id))
        .select((
            (case_notes::service_id, case_notes::author, case_notes::case_id, cases::household_id),
            case_notes::kind,
        ))
        .get_result(conn)
        .optional()
}

/// Replaces the version that was read and its readers, and keeps the former values. Returns false if another writer was first.
pub(super) fn correct(
    conn: &mut AnyConn,
    row: &NoteRow,
    new: &NoteRow,
    people: &[Id],
    correction: &CorrectionRow,
) -> QueryResult<bool> {
    let read = || case_notes::id.eq(row.id).and(case_notes::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(case_note_readers::table.filter(case_note_readers::note_id.eq(row.id))),
        diesel::update(case_notes::table.filter(read())).set(new),
    )?;
    let readers = reader_rows(row.id, people);
    insert_together!(conn, case_note_readers => &readers)?;
    Ok(written == 1)
}

/// Removes the version that was read, and keeps its values. Returns false if another writer was first.
pub(super) fn remove(conn: &mut AnyConn, row: &NoteRow, correction: &CorrectionRow) -> QueryResult<bool> {
    let read = || case_notes::id.eq(row.id).and(case_notes::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(case_notes::table.filter(read())),
    )?;
    Ok(written == 1)
}
