//! The SQL of interventions.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::Participants;
use crate::auth::ServiceScope;
use crate::db::schema::{intervention_participants, interventions};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, insert_together, ordered_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::{InterventionMode, InterventionPlace, InterventionType, ParticipantType};

/// A row of `interventions`.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = interventions, treat_none_as_default_value = false)]
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
}

pub(super) fn insert(conn: &mut AnyConn, row: &InterventionRow, participants: &[Participants]) -> QueryResult<()> {
    let of = |one: &Participants| {
        (
            intervention_participants::intervention_id.eq(row.id),
            intervention_participants::kind.eq(one.kind.clone()),
            intervention_participants::number.eq(one.number),
        )
    };
    let participants: Vec<_> = participants.iter().map(of).collect();
    insert_together!(conn, interventions => std::slice::from_ref(row), intervention_participants => &participants)
}

type Boxed<'a> = interventions::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn of_case(scope: &ServiceScope, case: Id) -> Boxed<'_> {
    let of_case = interventions::service_id.among(scope.ids()).and(interventions::case_id.eq(case));
    interventions::table.filter(of_case).into_boxed()
}

/// A page of the interventions of a case, most recent first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    page: &PageRequest,
) -> QueryResult<(Vec<InterventionRow>, PageInfo)> {
    Ok(ordered_page!(conn, page, of_case(scope, case), interventions as InterventionRow, desc held_on as NaiveDate))
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
