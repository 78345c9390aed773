//! The SQL of the figures of the collective actions.

use diesel::dsl::{count_star, sum};
use diesel::prelude::*;

use crate::actions::model::ActionStatus;
use crate::actions::registrations::model::ActionRegistrationStatus;
use crate::auth::ServiceScope;
use crate::db::schema::{action_participants, action_registrations, actions};
use crate::db::{AnyConn, IsAmong};
use crate::figures::Period;
use crate::nomenclatures::codes::{ActionCancellationReason, CollectiveActionType, ParticipantType};
use crate::territories::CommuneCode;

/// The held actions of a kind in a commune.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub(super) struct HeldRow {
    pub(super) kind: CollectiveActionType,
    pub(super) commune_code: CommuneCode,
    pub(super) held: i64,
    pub(super) duration_minutes: Option<i64>,
    pub(super) preparation_minutes: Option<i64>,
    pub(super) travel_minutes: Option<i64>,
}

/// What was held in the period, by kind and commune.
pub(super) fn held(conn: &mut AnyConn, scope: &ServiceScope, period: Period) -> QueryResult<Vec<HeldRow>> {
    actions::table
        .filter(actions::service_id.among(scope.ids()).and(actions::status.eq(ActionStatus::Held)))
        .filter(actions::held_on.between(period.from, period.to))
        .group_by((actions::kind, actions::commune_code))
        .select((
            actions::kind,
            actions::commune_code,
            count_star(),
            sum(actions::duration_minutes),
            sum(actions::preparation_minutes),
            sum(actions::travel_minutes),
        ))
        .load(conn)
}

/// Who came to what was held in the period, by kind of action and of participant.
pub(super) fn participants(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    period: Period,
) -> QueryResult<Vec<(CollectiveActionType, ParticipantType, Option<i64>)>> {
    action_participants::table
        .inner_join(actions::table)
        .filter(actions::service_id.among(scope.ids()).and(actions::status.eq(ActionStatus::Held)))
        .filter(actions::held_on.between(period.from, period.to))
        .group_by((actions::kind, action_participants::participant_type))
        .select((actions::kind, action_participants::participant_type, sum(action_participants::number)))
        .load(conn)
}

/// What was to take place in the period and was cancelled, by reason.
pub(super) fn cancelled(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    period: Period,
) -> QueryResult<Vec<(Option<ActionCancellationReason>, i64)>> {
    actions::table
        .filter(actions::service_id.among(scope.ids()).and(actions::status.eq(ActionStatus::Cancelled)))
        .filter(actions::held_on.between(period.from, period.to))
        .group_by(actions::cancellation_reason)
        .select((actions::cancellation_reason, count_star()))
        .load(conn)
}

/// Seats of the registrations for what was held in the period whose attendance is noted, and those that were taken.
pub(super) fn attendance(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    period: Period,
) -> QueryResult<(Option<i64>, Option<i64>)> {
    let noted = [ActionRegistrationStatus::Attended, ActionRegistrationStatus::Absent];
    action_registrations::table
        .inner_join(actions::table)
        .filter(actions::service_id.among(scope.ids()).and(actions::status.eq(ActionStatus::Held)))
        .filter(actions::held_on.between(period.from, period.to))
        .filter(action_registrations::status.among(&noted))
        .select((sum(action_registrations::seats), sum(action_registrations::attended)))
        .get_result(conn)
}
