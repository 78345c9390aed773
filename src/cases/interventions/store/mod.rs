//! The SQL of interventions. A row is the share of one case in an act; the rows of an act have one version.

pub mod context;
pub mod pages;
pub mod related;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::Participants;
use crate::auth::ServiceScope;
use crate::cases::corrections::store::{CorrectionRow, OriginRow, recorded};
use crate::cases::history::store::CaseEventRow;
use crate::cases::notes::model::CaseNoteKind;
use crate::db::schema::{
    appointment_cases, appointment_works, appointments, case_events, case_notes, cases, corrections,
    intervention_participants, intervention_professionals, intervention_resource_people, interventions,
    recommendations,
};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, insert_together, together, write_together};
use crate::nomenclatures::codes::{InterventionMode, InterventionPlace, InterventionType, ParticipantType};

/// A row of `interventions`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = interventions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct InterventionRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) case_id: Option<Id>,
    pub(super) act_id: Id,
    pub(super) position: i32,
    pub(super) type_: InterventionType,
    pub(super) mode: InterventionMode,
    pub(super) held_on: NaiveDate,
    pub(super) minutes: i32,
    pub(super) travel_minutes: i32,
    pub(super) place: InterventionPlace,
    pub(super) organisation_id: Option<Id>,
    pub(super) on_school_time: bool,
    pub(super) next_action_on: Option<NaiveDate>,
    pub(super) note: Option<Vec<u8>>,
    pub(super) author: String,
    pub(super) created_at: UtcTs,
    pub(super) version: i32,
    pub(super) updated_at: UtcTs,
}

recorded!(InterventionRow as Intervention, from origin);

impl InterventionRow {
    /// Identifier.
    pub fn id(&self) -> Id {
        self.id
    }
}

/// A row of `intervention_participants`.
#[derive(Debug, Insertable)]
#[diesel(table_name = intervention_participants, treat_none_as_default_value = false)]
struct ParticipantsRow {
    intervention_id: Id,
    kind: ParticipantType,
    number: i32,
}

impl ParticipantsRow {
    fn of(intervention: Id, one: &Participants) -> Self {
        Self { intervention_id: intervention, kind: one.kind.clone(), number: one.number }
    }
}

/// A row of `intervention_professionals`.
#[derive(Debug, Insertable)]
#[diesel(table_name = intervention_professionals, treat_none_as_default_value = false)]
struct ProfessionalRow {
    act_id: Id,
    user_id: Id,
    position: i32,
}

fn professional_rows(act: Id, users: &[Id]) -> Vec<ProfessionalRow> {
    (0..).zip(users).map(|(position, user)| ProfessionalRow { act_id: act, user_id: *user, position }).collect()
}

/// A row of `intervention_resource_people`.
#[derive(Debug, Insertable)]
#[diesel(table_name = intervention_resource_people, treat_none_as_default_value = false)]
struct ResourcePersonRow {
    act_id: Id,
    person_id: Id,
    position: i32,
}

fn resource_person_rows(act: Id, people: &[Id]) -> Vec<ResourcePersonRow> {
    (0..)
        .zip(people)
        .map(|(position, person)| ResourcePersonRow { act_id: act, person_id: *person, position })
        .collect()
}

fn participant_rows(rows: &[(InterventionRow, Vec<Participants>)]) -> Vec<ParticipantsRow> {
    let of_row = |(row, participants): &(InterventionRow, Vec<Participants>)| {
        participants.iter().map(|one| ParticipantsRow::of(row.id, one)).collect::<Vec<_>>()
    };
    rows.iter().flat_map(of_row).collect()
}

/// Inserts an act: its rows, the first of which the others refer to, each with its participants, who took part, and which
/// resource people were called upon.
pub(super) fn insert(
    conn: &mut AnyConn,
    act: &[(InterventionRow, Vec<Participants>)],
    professionals: &[Id],
    resource_people: &[Id],
) -> QueryResult<()> {
    let rows: Vec<&InterventionRow> = act.iter().map(|(row, _)| row).collect();
    let participants = participant_rows(act);
    let professionals = act.first().map(|(row, _)| professional_rows(row.act_id, professionals)).unwrap_or_default();
    let called_upon = act.first().map(|(row, _)| resource_person_rows(row.act_id, resource_people)).unwrap_or_default();
    insert_together!(
        conn,
        interventions => rows.clone(),
        intervention_participants => &participants,
        intervention_professionals => &professionals,
        intervention_resource_people => &called_upon,
    )
}

/// A row of an act, as it replaces the one that was read.
#[derive(Debug)]
pub(super) struct Replacement {
    pub(super) row: InterventionRow,
    /// Its participants, if they change.
    pub(super) participants: Option<Vec<Participants>>,
    /// Its former values, if they change.
    pub(super) correction: Option<CorrectionRow>,
}

/// Replaces the version that was read of every row of an act, and keeps the former values. Returns false if another writer was
/// first. The row of the case is locked.
pub(super) fn correct(
    conn: &mut AnyConn,
    read: i32,
    act: &[Replacement],
    professionals: Option<&[Id]>,
    resource_people: Option<&[Id]>,
) -> QueryResult<bool> {
    for new in act {
        let found = || interventions::id.eq(new.row.id).and(interventions::version.eq(read));
        let update = || diesel::update(interventions::table.filter(found())).set(&new.row);
        let written = match &new.correction {
            Some(former) => write_together!(conn, diesel::insert_into(corrections::table).values(former), update())?,
            None => write_together!(conn, update())?,
        };
        if written != 1 {
            return Ok(false);
        }
        if let Some(participants) = &new.participants {
            let theirs = intervention_participants::intervention_id.eq(new.row.id);
            diesel::delete(intervention_participants::table.filter(theirs)).execute(conn)?;
            let rows: Vec<ParticipantsRow> =
                participants.iter().map(|one| ParticipantsRow::of(new.row.id, one)).collect();
            insert_together!(conn, intervention_participants => &rows)?;
        }
    }
    if let (Some(professionals), Some(first)) = (professionals, act.first()) {
        let of_act = intervention_professionals::act_id.eq(first.row.act_id);
        diesel::delete(intervention_professionals::table.filter(of_act)).execute(conn)?;
        let rows = professional_rows(first.row.act_id, professionals);
        insert_together!(conn, intervention_professionals => &rows)?;
    }
    if let (Some(people), Some(first)) = (resource_people, act.first()) {
        let of_act = intervention_resource_people::act_id.eq(first.row.act_id);
        diesel::delete(intervention_resource_people::table.filter(of_act)).execute(conn)?;
        let rows = resource_person_rows(first.row.act_id, people);
        insert_together!(conn, intervention_resource_people => &rows)?;
    }
    Ok(true)
}

/// What names interventions, and changes when they are removed.
#[derive(Debug)]
pub(super) struct Naming {
    /// Notes, each with its case, and whether everybody who reads the case reads it.
    pub(super) notes: Vec<(Id, Id, CaseNoteKind)>,
    /// Recommendations, each with its case.
    pub(super) recommendations: Vec<(Id, Id)>,
    /// Appointments that became them.
    pub(super) appointments: BTreeSet<Id>,
    /// The versions of their cases, for the events of the histories.
    pub(super) case_versions: Vec<(Id, i32)>,
}

/// See [`Naming`].
pub(super) fn naming(conn: &mut AnyConn, act: &[InterventionRow]) -> QueryResult<Naming> {
    let ids: Vec<Option<Id>> = act.iter().map(|row| Some(row.id)).collect();
    let own: Vec<Id> = act.iter().map(|row| row.id).collect();
    let about: Vec<Id> = act.iter().filter_map(|row| row.case_id).collect();
    let (notes, recommendations, of_cases, of_none, case_versions) = together!(
        conn,
        case_notes::table
            .filter(case_notes::intervention_id.eq_any(ids.clone()))
            .select((case_notes::id, case_notes::case_id, case_notes::kind))
            => (Id, Id, CaseNoteKind),
        recommendations::table
            .filter(recommendations::intervention_id.eq_any(ids.clone()))
            .select((recommendations::id, recommendations::case_id))
            => (Id, Id),
        appointment_cases::table
            .filter(appointment_cases::intervention_id.eq_any(ids.clone()))
            .select(appointment_cases::appointment_id)
            => Id,
        appointment_works::table
            .filter(appointment_works::intervention_id.among(&own))
            .select(appointment_works::appointment_id)
            => Id,
        cases::table.filter(cases::id.among(&about)).select((cases::id, cases::version)) => (Id, i32),
    )?;
    let appointments = of_cases.into_iter().chain(of_none).collect();
    Ok(Naming { notes, recommendations, appointments, case_versions })
}

/// Removes the version that was read of every row of an act, and keeps the values in the
/// histories. What names them names them no more. Returns false if another writer was first.
pub(super) fn remove(
    conn: &mut AnyConn,
    act: &[InterventionRow],
    former: &[CorrectionRow],
    events: &[CaseEventRow],
    (naming, now): (&Naming, UtcTs),
) -> QueryResult<bool> {
    let Some(first) = act.first() else { return Ok(false) };
    let ids: Vec<Id> = act.iter().map(|row| row.id).collect();
    let notes: Vec<Id> = naming.notes.iter().map(|(id, ..)| *id).collect();
    let advice: Vec<Id> = naming.recommendations.iter().map(|(id, _)| *id).collect();
    let appointments: Vec<Id> = naming.appointments.iter().copied().collect();
    insert_together!(conn, corrections => former, case_events => events)?;
    let written = write_together!(
        conn,
        diesel::update(case_notes::table.filter(case_notes::id.among(&notes))).set((
            case_notes::intervention_id.eq(None::<Id>),
            case_notes::version.eq(case_notes::version + 1),
            case_notes::updated_at.eq(now),
        )),
        diesel::update(recommendations::table.filter(recommendations::id.among(&advice))).set((
            recommendations::intervention_id.eq(None::<Id>),
            recommendations::version.eq(recommendations::version + 1),
            recommendations::updated_at.eq(now),
        )),
        diesel::update(appointments::table.filter(appointments::id.among(&appointments)))
            .set((appointments::version.eq(appointments::version + 1), appointments::updated_at.eq(now))),
        diesel::delete(intervention_participants::table.filter(intervention_participants::intervention_id.among(&ids))),
        diesel::delete(intervention_professionals::table.filter(intervention_professionals::act_id.eq(first.act_id))),
        diesel::delete(
            intervention_resource_people::table.filter(intervention_resource_people::act_id.eq(first.act_id))
        ),
        diesel::delete(
            interventions::table
                .filter(interventions::act_id.eq(first.act_id).and(interventions::version.eq(first.version)))
        ),
    )?;
    Ok(written == act.len())
}

/// An intervention in scope.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<InterventionRow> {
    interventions::table
        .filter(interventions::id.eq(id).and(interventions::service_id.among(scope.ids())))
        .select(InterventionRow::as_select())
        .get_result(conn)
}

/// The rows of the act of an intervention in scope, in the order of their cases.
pub(super) fn act_of(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Vec<InterventionRow>> {
    let named = diesel::alias!(interventions as named);
    let act = named.filter(named.field(interventions::id).eq(id)).select(named.field(interventions::act_id));
    interventions::table
        .filter(interventions::act_id.eq_any(act).and(interventions::service_id.among(scope.ids())))
        .order(interventions::position)
        .select(InterventionRow::as_select())
        .load(conn)
}

/// The day of the latest intervention of a case that names a next action, and that action, leaving one out.
pub(super) fn latest_next_action(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    except: Option<Id>,
) -> QueryResult<Option<(NaiveDate, NaiveDate)>> {
    let of_case = interventions::service_id.among(scope.ids()).and(interventions::case_id.eq(case));
    let mut query = interventions::table.filter(of_case.and(interventions::next_action_on.is_not_null())).into_boxed();
    if let Some(except) = except {
        query = query.filter(interventions::id.ne(except));
    }
    query
        .order((interventions::held_on.desc(), interventions::id.desc()))
        .select((interventions::held_on, interventions::next_action_on.assume_not_null()))
        .first(conn)
        .optional()
}

/// The service of an intervention in scope, who recorded it, its case (itself, if it is about none) and the household of the case.
pub(super) fn origin(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Option<OriginRow>> {
    type Found = (Id, String, Option<Id>, Option<Id>);
    let found: Option<Found> = interventions::table
        .left_join(cases::table)
        .filter(interventions::id.eq(id).and(interventions::service_id.among(scope.ids())))
        .select((
            interventions::service_id,
            interventions::author,
            interventions::case_id,
            cases::household_id.nullable(),
        ))
        .get_result(conn)
        .optional()?;
    Ok(found.map(|(service, author, case, household)| (service, author, case.unwrap_or(id), household)))
}
