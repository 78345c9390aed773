//! The SQL of appointments and of their parts.

pub mod named;
pub mod pages;

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::FormerTime;
use super::model::{AppointmentStatus, Slot};
use crate::auth::ServiceScope;
use crate::cases::interventions::dto::Participants;
use crate::db::schema::{
    appointment_cases, appointment_moves, appointment_participants, appointment_professionals, appointment_works,
    appointments, cases, organisations, service_departements, services, users,
};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, Writes, columns, insert_together, row_writes, together, write_together};
use crate::nomenclatures::codes::{AppointmentCanceller, InterventionPlace, InterventionType, ParticipantType};
use crate::services::model::Settings;
use crate::services::store::{self as services_store, GroupRow, ServiceRow, groups_of};
use crate::territories::DepartementCode;

/// A row of `appointments`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = appointments, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AppointmentRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) status: AppointmentStatus,
    pub(super) type_: InterventionType,
    pub(super) planned_on: NaiveDate,
    pub(super) starts_at: String,
    pub(super) minutes: i32,
    pub(super) place: InterventionPlace,
    pub(super) organisation_id: Option<Id>,
    pub(super) on_school_time: bool,
    pub(super) content: Option<Vec<u8>>,
    pub(super) cancelled_by: Option<AppointmentCanceller>,
    pub(super) excused: Option<bool>,
    pub(super) author: String,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
    /// Sort key: see [`start_key`].
    pub(super) start_key: String,
    /// How long it had been planned, while it is held.
    pub(super) planned_minutes: Option<i32>,
}

crate::versioned!(AppointmentRow);

/// The sort key of an appointment: `2026-03-12T09:30`.
pub(super) fn start_key(day: NaiveDate, starts_at: &str) -> String {
    format!("{day}T{starts_at}")
}

impl AppointmentRow {
    /// When it takes place.
    pub(super) fn slot(&self) -> Slot {
        Slot::new(self.planned_on, &self.starts_at, self.minutes)
    }
}

/// What an appointment has in other tables, to be written. Lists are in the order given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct NewParts {
    pub(super) cases: Vec<Id>,
    pub(super) professionals: Vec<Id>,
    pub(super) participants: Vec<Participants>,
}

#[derive(Insertable)]
#[diesel(table_name = appointment_cases, treat_none_as_default_value = false)]
struct CaseLinkRow {
    appointment_id: Id,
    case_id: Id,
    position: i32,
    intervention_id: Option<Id>,
}

#[derive(Insertable)]
#[diesel(table_name = appointment_professionals, treat_none_as_default_value = false)]
struct ProfessionalRow {
    appointment_id: Id,
    user_id: Id,
    position: i32,
}

#[derive(Insertable)]
#[diesel(table_name = appointment_participants, treat_none_as_default_value = false)]
struct ParticipantsRow {
    appointment_id: Id,
    kind: ParticipantType,
    number: i32,
}

/// A row of `appointment_moves`.
#[derive(Debug, Insertable)]
#[diesel(table_name = appointment_moves, treat_none_as_default_value = false)]
pub(super) struct MoveRow {
    pub(super) id: Id,
    pub(super) appointment_id: Id,
    pub(super) planned_on: NaiveDate,
    pub(super) starts_at: String,
    pub(super) minutes: i32,
    pub(super) author: String,
    pub(super) created_at: UtcTs,
}

impl From<MoveRow> for FormerTime {
    fn from(row: MoveRow) -> Self {
        Self {
            planned_on: row.planned_on,
            starts_at: row.starts_at,
            minutes: row.minutes,
            author: row.author,
            author_name: None,
            moved_at: row.created_at,
        }
    }
}

type PartRows = (Vec<CaseLinkRow>, Vec<ProfessionalRow>, Vec<ParticipantsRow>);

fn part_rows(id: Id, parts: &NewParts) -> PartRows {
    let case = |(position, case_id): (i32, &Id)| CaseLinkRow {
        appointment_id: id,
        case_id: *case_id,
        position,
        intervention_id: None,
    };
    let professional =
        |(position, user_id): (i32, &Id)| ProfessionalRow { appointment_id: id, user_id: *user_id, position };
    let participants =
        |one: &Participants| ParticipantsRow { appointment_id: id, kind: one.kind.clone(), number: one.number };
    (
        (0..).zip(&parts.cases).map(case).collect(),
        (0..).zip(&parts.professionals).map(professional).collect(),
        parts.participants.iter().map(participants).collect(),
    )
}

/// Records an appointment with its parts.
pub(super) fn insert(conn: &mut AnyConn, row: &AppointmentRow, parts: &NewParts) -> QueryResult<()> {
    let (cases, professionals, participants) = part_rows(row.id, parts);
    insert_together!(
        conn,
        appointments => std::slice::from_ref(row),
        appointment_cases => &cases,
        appointment_professionals => &professionals,
        appointment_participants => &participants,
    )
}

/// Replaces the parts of an appointment. The caller has replaced its version first, which locks its row.
pub(super) fn replace_parts(conn: &mut AnyConn, id: Id, parts: &NewParts) -> QueryResult<()> {
    clear_parts(conn, id)?;
    let (cases, professionals, participants) = part_rows(id, parts);
    insert_together!(
        conn,
        appointment_cases => &cases,
        appointment_professionals => &professionals,
        appointment_participants => &participants,
    )
}

fn clear_parts(conn: &mut AnyConn, id: Id) -> QueryResult<()> {
    write_together!(
        conn,
        diesel::delete(appointment_cases::table.filter(appointment_cases::appointment_id.eq(id))),
        diesel::delete(appointment_professionals::table.filter(appointment_professionals::appointment_id.eq(id))),
        diesel::delete(appointment_participants::table.filter(appointment_participants::appointment_id.eq(id))),
    )
    .map(drop)
}

/// Deletes what an appointment has in other tables.
pub(super) fn clear(conn: &mut AnyConn, id: Id) -> QueryResult<()> {
    write_together!(
        conn,
        diesel::delete(appointment_moves::table.filter(appointment_moves::appointment_id.eq(id))),
        diesel::delete(appointment_works::table.filter(appointment_works::appointment_id.eq(id))),
        diesel::delete(appointment_cases::table.filter(appointment_cases::appointment_id.eq(id))),
        diesel::delete(appointment_professionals::table.filter(appointment_professionals::appointment_id.eq(id))),
        diesel::delete(appointment_participants::table.filter(appointment_participants::appointment_id.eq(id))),
    )
    .map(drop)
}

/// Replaces the version that was read, and keeps its time as a former one. `false` if another writer was first.
pub(super) fn move_to(
    conn: &mut AnyConn,
    row: &AppointmentRow,
    new: &AppointmentRow,
    former: &MoveRow,
) -> QueryResult<bool> {
    let read = || appointments::id.eq(row.id).and(appointments::version.eq(row.version));
    Ok(write_together!(
        conn,
        diesel::insert_into(appointment_moves::table).values(former),
        diesel::update(appointments::table.filter(read())).set(new),
    )? == 1)
}

/// Records the intervention that a case of an appointment got. On PostgreSQL it is written `later`, with the record of the
/// work.
pub(super) fn link(
    conn: &mut AnyConn,
    later: &mut Writes<'static>,
    id: Id,
    case: Id,
    intervention: Id,
) -> QueryResult<()> {
    let of_case = appointment_cases::appointment_id.eq(id).and(appointment_cases::case_id.eq(case));
    let linked = diesel::update(appointment_cases::table.filter(of_case))
        .set(appointment_cases::intervention_id.eq(intervention));
    match conn {
        AnyConn::Pg(_) => later.add(linked),
        AnyConn::Sqlite(sqlite) => drop(linked.execute(sqlite)?),
    }
    Ok(())
}

/// Records the work about no case that an appointment became.
pub(super) fn link_work(conn: &mut AnyConn, id: Id, intervention: Id) -> QueryResult<()> {
    let link = (appointment_works::appointment_id.eq(id), appointment_works::intervention_id.eq(intervention));
    diesel::insert_into(appointment_works::table).values(link).execute(conn).map(drop)
}

type Boxed<'a> = appointments::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    appointments::table.filter(appointments::service_id.among(scope.ids())).into_boxed()
}

row_writes!(appointments: AppointmentRow => pub(super) update, pub(super) delete);

/// An appointment of the scope.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<AppointmentRow> {
    visible(scope).filter(appointments::id.eq(id)).select(AppointmentRow::as_select()).get_result(conn)
}

/// A case of an appointment.
#[derive(Clone, Copy, Debug)]
pub(super) struct CaseLink {
    pub(super) case_id: Id,
    pub(super) intervention_id: Option<Id>,
    /// The owner of the key of the case.
    pub(super) owner: Id,
    /// The day on which the case was closed, if it is.
    pub(super) closed_on: Option<NaiveDate>,
}

/// What several appointments have in other tables, in the order of the contract.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) cases: HashMap<Id, Vec<CaseLink>>,
    pub(super) professionals: HashMap<Id, Vec<(Id, String)>>,
    pub(super) participants: HashMap<Id, Vec<Participants>>,
    pub(super) moves: HashMap<Id, Vec<FormerTime>>,
    /// The work about no case that they became.
    pub(super) works: HashMap<Id, Id>,
    pub(super) organisations: HashMap<Id, String>,
    /// The settings of their services, which say what day it is there.
    pub(super) settings: Vec<Settings>,
}

impl Parts {
    /// The cases of an appointment that are closed, with the day.
    pub(super) fn closed(&self, id: Id) -> impl Iterator<Item = (Id, NaiveDate)> + '_ {
        let links = self.cases.get(&id).into_iter().flatten();
        links.filter_map(|link| Some((link.case_id, link.closed_on?)))
    }

    /// The interventions that an appointment became and that are still recorded.
    pub(super) fn recorded(&self, id: Id) -> Vec<Id> {
        let links = self.cases.get(&id).into_iter().flatten();
        links.filter_map(|link| link.intervention_id).chain(self.works.get(&id).copied()).collect()
    }
}

type CaseLinkColumns = (Id, Id, Option<Id>, Option<Id>, Option<NaiveDate>);
type MoveColumns = (Id, NaiveDate, String, i32, String, UtcTs);

/// What several appointments have in other tables, in one round trip. The rows were read in scope.
pub(super) fn parts(conn: &mut AnyConn, rows: &[AppointmentRow]) -> QueryResult<Parts> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let named: Vec<Id> = rows.iter().filter_map(|row| row.organisation_id).collect();
    let mut services_of: Vec<Id> = rows.iter().map(|row| row.service_id).collect();
    services_of.sort_unstable();
    services_of.dedup();
    let (links, professionals, mut participants, moves, works, organisations, service_rows, departements, groups) = together!(
        conn,
        appointment_cases::table
            .inner_join(cases::table)
            .filter(appointment_cases::appointment_id.among(&ids))
            .order((appointment_cases::appointment_id, appointment_cases::position))
            .select((
                appointment_cases::appointment_id,
                appointment_cases::case_id,
                appointment_cases::intervention_id,
                cases::household_id,
                cases::closed_on,
            ))
            => CaseLinkColumns,
        appointment_professionals::table
            .inner_join(users::table)
            .filter(appointment_professionals::appointment_id.among(&ids))
            .order((appointment_professionals::appointment_id, appointment_professionals::position))
            .select((appointment_professionals::appointment_id, users::id, users::display_name))
            => (Id, Id, String),
        appointment_participants::table
            .filter(appointment_participants::appointment_id.among(&ids))
            .select((
                appointment_participants::appointment_id,
                appointment_participants::kind,
                appointment_participants::number,
            ))
            => (Id, ParticipantType, i32),
        appointment_moves::table
            .filter(appointment_moves::appointment_id.among(&ids))
            .order((appointment_moves::appointment_id, appointment_moves::id))
            .select((
                appointment_moves::appointment_id,
                appointment_moves::planned_on,
                appointment_moves::starts_at,
                appointment_moves::minutes,
                appointment_moves::author,
                appointment_moves::created_at,
            ))
            => MoveColumns,
        appointment_works::table
            .filter(appointment_works::appointment_id.among(&ids))
            .select((appointment_works::appointment_id, appointment_works::intervention_id))
            => (Id, Id),
        organisations::table
            .filter(organisations::id.among(&named))
            .select((organisations::id, organisations::name))
            => (Id, String),
        services::table.filter(services::id.among(&services_of)).select(columns::<ServiceRow>()) => ServiceRow,
        service_departements::table
            .filter(service_departements::service_id.among(&services_of))
            .order((service_departements::service_id, service_departements::departement_code))
            .select((service_departements::service_id, service_departements::departement_code))
            => (Id, DepartementCode),
        groups_of!(&services_of) => GroupRow,
    )?;
    // Sorted here: the collation of the database may order codes differently.
    participants.sort();
    let mut parts = Parts {
        works: works.into_iter().collect(),
        organisations: organisations.into_iter().collect(),
        settings: services_store::assembled(service_rows, departements, groups),
        ..Parts::default()
    };
    for (id, case_id, intervention_id, household, closed_on) in links {
        let link = CaseLink { case_id, intervention_id, owner: household.unwrap_or(case_id), closed_on };
        parts.cases.entry(id).or_default().push(link);
    }
    for (id, user, name) in professionals {
        parts.professionals.entry(id).or_default().push((user, name));
    }
    for (id, kind, number) in participants {
        parts.participants.entry(id).or_default().push(Participants { kind, number });
    }
    for (id, planned_on, starts_at, minutes, author, moved_at) in moves {
        let former = FormerTime { planned_on, starts_at, minutes, author, author_name: None, moved_at };
        parts.moves.entry(id).or_default().push(former);
    }
    Ok(parts)
}
