//! The SQL of the facts about interventions and appointments, summed by day.

use chrono::NaiveDate;
use diesel::dsl::{count, count_star, sum};
use diesel::prelude::*;

use super::wanted::Wanted;
use crate::appointments::model::AppointmentStatus;
use crate::auth::ServiceScope;
use crate::db::schema::{appointments, intervention_participants, interventions};
use crate::db::{AnyConn, IsAmong};
use crate::indicators::model::types::{Facts, IndicatorDimension as By};
use crate::measures::model::compute::Fact;
use crate::nomenclatures::codes::{InterventionMode, InterventionType, ParticipantType};

#[derive(Queryable)]
struct WorkRow {
    day: NaiveDate,
    kind: InterventionType,
    mode: InterventionMode,
    number: i64,
    minutes: Option<i64>,
    travel_minutes: Option<i64>,
}

/// The interventions of the span. An act about several cases is one, and its shares add up.
pub(super) fn interventions(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let rows: Vec<WorkRow> = interventions::table
        .filter(interventions::service_id.among(scope.ids()))
        .filter(interventions::held_on.between(wanted.span.from, wanted.span.to))
        .group_by((interventions::held_on, interventions::type_, interventions::mode))
        .select((
            interventions::held_on,
            interventions::type_,
            interventions::mode,
            count(interventions::act_id).aggregate_distinct(),
            sum(interventions::minutes),
            sum(interventions::travel_minutes),
        ))
        .load(conn)?;
    let fact = |row: WorkRow| {
        let minutes = row.minutes.unwrap_or(0);
        let fact = match wanted.facts {
            Facts::InterventionMinutes => Fact::on(row.day, minutes),
            Facts::TravelMinutes => Fact::on(row.day, row.travel_minutes.unwrap_or(0)),
            Facts::IndirectMinutes => Fact::share(row.day, if row.mode.is("indirect") { minutes } else { 0 }, minutes),
            _ => Fact::on(row.day, row.number),
        };
        fact.within(match wanted.by {
            Some(By::InterventionMode) => Some(row.mode.to_string()),
            Some(By::InterventionType) => Some(row.kind.to_string()),
            _ => None,
        })
    };
    Ok(rows.into_iter().map(fact).collect())
}

/// The attendances at the interventions of the span.
pub(super) fn attendances(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let rows: Vec<(NaiveDate, ParticipantType, Option<i64>)> = intervention_participants::table
        .inner_join(interventions::table)
        .filter(interventions::service_id.among(scope.ids()))
        .filter(interventions::held_on.between(wanted.span.from, wanted.span.to))
        .group_by((interventions::held_on, intervention_participants::kind))
        .select((interventions::held_on, intervention_participants::kind, sum(intervention_participants::number)))
        .load(conn)?;
    let category = |kind: ParticipantType| wanted.by.map(|_| kind.to_string());
    Ok(rows.into_iter().map(|(day, kind, sum)| Fact::on(day, sum.unwrap_or(0)).within(category(kind))).collect())
}

/// The appointments of the span.
pub(super) fn appointments(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let rows: Vec<(NaiveDate, AppointmentStatus, Option<bool>, i64)> = appointments::table
        .filter(appointments::service_id.among(scope.ids()))
        .filter(appointments::planned_on.between(wanted.span.from, wanted.span.to))
        .group_by((appointments::planned_on, appointments::status, appointments::excused))
        .select((appointments::planned_on, appointments::status, appointments::excused, count_star()))
        .load(conn)?;
    let fact = |(day, status, excused, number): (NaiveDate, AppointmentStatus, Option<bool>, i64)| {
        let fact = match (wanted.facts, status) {
            (Facts::Missed, AppointmentStatus::Missed) => Fact::share(day, number, number),
            (Facts::Missed, AppointmentStatus::Held) => Fact::share(day, 0, number),
            (Facts::Missed, _) => return None,
            (Facts::MissedWithoutNotice, _) if excused != Some(false) => return None,
            _ => Fact::on(day, number),
        };
        Some(fact.within(wanted.by.map(|_| status.to_string())))
    };
    Ok(rows.into_iter().filter_map(fact).collect())
}
