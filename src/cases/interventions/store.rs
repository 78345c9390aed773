//! The SQL of interventions.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{InterventionFilter, InterventionSort, Participants};
use crate::auth::ServiceScope;
use crate::cases::corrections::store::{CorrectionRow, OriginRow};
use crate::db::schema::{cases, corrections, intervention_participants, interventions};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, columns, insert_together, sorted_page, together, write_together};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::{InterventionMode, InterventionPlace, InterventionType, ParticipantType};

/// A row of `interventions`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = interventions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct InterventionRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) case_id: Id,
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

pub(super) fn insert(conn: &mut AnyConn, row: &InterventionRow, participants: &[Participants]) -> QueryResult<()> {
    let participants: Vec<ParticipantsRow> = participants.iter().map(|one| ParticipantsRow::of(row.id, one)).collect();
    insert_together!(conn, interventions => std::slice::from_ref(row), intervention_participants => &participants)
}

/// Replaces the version that was read, and keeps its former values. Returns false if another writer was first.
pub(super) fn correct(
    conn: &mut AnyConn,
    row: &InterventionRow,
    new: &InterventionRow,
    participants: Option<&[Participants]>,
    correction: &CorrectionRow,
) -> QueryResult<bool> {
    let read = || interventions::id.eq(row.id).and(interventions::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::update(interventions::table.filter(read())).set(new),
    )?;
    if let Some(participants) = participants {
        let theirs = intervention_participants::intervention_id.eq(row.id);
        diesel::delete(intervention_participants::table.filter(theirs)).execute(conn)?;
        let rows: Vec<ParticipantsRow> = participants.iter().map(|one| ParticipantsRow::of(row.id, one)).collect();
        insert_together!(conn, intervention_participants => &rows)?;
    }
    Ok(written == 1)
}

/// Removes the version that was read, and keeps its values. Returns false if another writer was first.
pub(super) fn remove(conn: &mut AnyConn, row: &InterventionRow, correction: &CorrectionRow) -> QueryResult<bool> {
    let read = || interventions::id.eq(row.id).and(interventions::version.eq(row.version));
    let theirs = || intervention_participants::intervention_id.eq(row.id);
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(intervention_participants::table.filter(theirs())),
        diesel::delete(interventions::table.filter(read())),
    )?;
    Ok(written == 1)
}

/// An intervention in scope, with its participants, ordered by code.
pub(super) fn get(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    id: Id,
) -> QueryResult<(InterventionRow, Vec<Participants>)> {
    let (rows, participants) = together!(
        conn,
        interventions::table
            .filter(interventions::id.eq(id).and(interventions::service_id.among(scope.ids())))
            .select(columns::<InterventionRow>())
            => InterventionRow,
        intervention_participants::table
            .filter(intervention_participants::intervention_id.eq(id))
            .order(intervention_participants::kind)
            .select((intervention_participants::kind, intervention_participants::number))
            => (ParticipantType, i32),
    )?;
    let row = rows.into_iter().next().ok_or(diesel::result::Error::NotFound)?;
    Ok((row, participants.into_iter().map(|(kind, number)| Participants { kind, number }).collect()))
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

/// The service of an intervention in scope, who recorded it, its case and the household of the case.
pub(super) fn origin(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Option<OriginRow>> {
    interventions::table
        .inner_join(cases::table)
        .filter(interventions::id.eq(id).and(interventions::service_id.among(scope.ids())))
        .select((interventions::service_id, interventions::author, interventions::case_id, cases::household_id))
        .get_result(conn)
        .optional()
}

type Boxed<'a> = interventions::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// The interventions of a case that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, case: Id, filter: &InterventionFilter) -> Boxed<'a> {
    let of_case = interventions::service_id.among(scope.ids()).and(interventions::case_id.eq(case));
    let query = interventions::table.filter(of_case).into_boxed();
    match filter.updated_since {
        Some(since) => query.filter(interventions::updated_at.ge(since)),
        None => query,
    }
}

/// A page of the interventions of a case, by default latest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    filter: &InterventionFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<InterventionRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(InterventionSort::HeldOnDesc);
    Ok(
        sorted_page!(conn, page, filtered(scope, case, filter), interventions as InterventionRow, sort: InterventionSort {
            HeldOn | HeldOnDesc => held_on as NaiveDate,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}

/// The participants of several interventions, ordered by code.
pub(super) fn participants(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    ids: &[Id],
) -> QueryResult<HashMap<Id, Vec<Participants>>> {
    let rows: Vec<(Id, ParticipantType, i32)> = intervention_participants::table
        .inner_join(interventions::table)
        .filter(interventions::service_id.among(scope.ids()))
        .filter(intervention_participants::intervention_id.among(ids))
        .order((intervention_participants::intervention_id, intervention_participants::kind))
        .select((
            intervention_participants::intervention_id,
            intervention_participants::kind,
            intervention_participants::number,
        ))
        .load(conn)?;
    let mut by_intervention = HashMap::<Id, Vec<Participants>>::new();
    for (intervention, kind, number) in rows {
        by_intervention.entry(intervention).or_default().push(Participants { kind, number });
    }
    Ok(by_intervention)
}
