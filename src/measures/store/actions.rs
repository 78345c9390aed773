//! The SQL of the facts about collective actions, summed by day.

use chrono::NaiveDate;
use diesel::dsl::{count_star, sum};
use diesel::prelude::*;

use super::wanted::{Wanted, or_none};
use crate::actions::model::{ActionStatus, reserved_for};
use crate::actions::registrations::model::ActionRegistrationStatus;
use crate::auth::ServiceScope;
use crate::db::schema::{action_participants, action_registrations, actions};
use crate::db::{AnyConn, IsAmong};
use crate::indicators::model::types::{Facts, IndicatorDimension as By};
use crate::measures::model::compute::Fact;
use crate::nomenclatures::codes::{ActionCancellationReason, CollectiveActionType, ParticipantType};
use crate::territories::CommuneCode;

/// The actions of the span in a state.
macro_rules! of_span {
    ($query:expr, $scope:expr, $wanted:expr, $status:expr) => {
        $query
            .filter(actions::service_id.among($scope.ids()).and(actions::status.eq($status)))
            .filter(actions::held_on.between($wanted.span.from, $wanted.span.to))
    };
}

/// The category of an action of a kind in a commune.
fn category(wanted: Wanted, kind: &CollectiveActionType, commune: &CommuneCode) -> Option<String> {
    match wanted.by? {
        By::ActionType => Some(kind.to_string()),
        By::ComplementaryService => Some(or_none(reserved_for(kind))),
        _ => wanted.place(commune),
    }
}

#[derive(Queryable)]
struct HeldRow {
    day: NaiveDate,
    kind: CollectiveActionType,
    commune_code: CommuneCode,
    number: i64,
    minutes: Option<i64>,
    preparation: Option<i64>,
    travel: Option<i64>,
}

/// The actions held in the span.
pub(super) fn held(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let rows: Vec<HeldRow> = of_span!(actions::table, scope, wanted, ActionStatus::Held)
        .group_by((actions::held_on, actions::kind, actions::commune_code))
        .select((
            actions::held_on,
            actions::kind,
            actions::commune_code,
            count_star(),
            sum(actions::duration_minutes),
            sum(actions::preparation_minutes),
            sum(actions::travel_minutes),
        ))
        .load(conn)?;
    let fact = |row: HeldRow| {
        let amount = match wanted.facts {
            Facts::ActionMinutes => row.minutes.unwrap_or(0),
            Facts::PreparationMinutes => row.preparation.unwrap_or(0),
            Facts::ActionTravelMinutes => row.travel.unwrap_or(0),
            _ => row.number,
        };
        Fact::on(row.day, amount).within(category(wanted, &row.kind, &row.commune_code))
    };
    Ok(rows.into_iter().map(fact).collect())
}

type AttendedRow = (NaiveDate, CollectiveActionType, CommuneCode, ParticipantType, Option<i64>);

/// The participants of the actions held in the span.
pub(super) fn participants(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let of_actions = action_participants::table.inner_join(actions::table);
    let rows: Vec<AttendedRow> = of_span!(of_actions, scope, wanted, ActionStatus::Held)
        .group_by((actions::held_on, actions::kind, actions::commune_code, action_participants::participant_type))
        .select((
            actions::held_on,
            actions::kind,
            actions::commune_code,
            action_participants::participant_type,
            sum(action_participants::number),
        ))
        .load(conn)?;
    let fact = |(day, kind, commune, participant, sum): AttendedRow| {
        Fact::on(day, sum.unwrap_or(0)).within(match wanted.by {
            Some(By::ParticipantType) => Some(participant.to_string()),
            _ => category(wanted, &kind, &commune),
        })
    };
    Ok(rows.into_iter().map(fact).collect())
}

type CancelledRow = (NaiveDate, CollectiveActionType, CommuneCode, Option<ActionCancellationReason>, i64);

/// The actions that were planned in the span and cancelled.
pub(super) fn cancelled(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let rows: Vec<CancelledRow> = of_span!(actions::table, scope, wanted, ActionStatus::Cancelled)
        .group_by((actions::held_on, actions::kind, actions::commune_code, actions::cancellation_reason))
        .select((actions::held_on, actions::kind, actions::commune_code, actions::cancellation_reason, count_star()))
        .load(conn)?;
    let fact = |(day, kind, commune, reason, number): CancelledRow| {
        Fact::on(day, number).within(match wanted.by {
            Some(By::CancellationReason) => Some(or_none(reason)),
            _ => category(wanted, &kind, &commune),
        })
    };
    Ok(rows.into_iter().map(fact).collect())
}

type SeatsRow = (NaiveDate, CollectiveActionType, Option<i64>, Option<i64>);

/// The seats whose attendance is recorded, of the actions held in the span.
pub(super) fn seats(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let recorded = [ActionRegistrationStatus::Attended, ActionRegistrationStatus::Absent];
    let of_actions = action_registrations::table.inner_join(actions::table);
    let rows: Vec<SeatsRow> = of_span!(of_actions, scope, wanted, ActionStatus::Held)
        .filter(action_registrations::status.among(&recorded))
        .group_by((actions::held_on, actions::kind))
        .select((
            actions::held_on,
            actions::kind,
            sum(action_registrations::attended),
            sum(action_registrations::seats),
        ))
        .load(conn)?;
    let fact = |(day, kind, attended, seats): SeatsRow| {
        let category = wanted.by.map(|_| kind.to_string());
        Fact::share(day, attended.unwrap_or(0), seats.unwrap_or(0)).within(category)
    };
    Ok(rows.into_iter().map(fact).collect())
}
