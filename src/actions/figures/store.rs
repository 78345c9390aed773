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

/// The actions of a kind held in a commune.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub(super) struct HeldRow {
    pub(super) kind: CollectiveActionType,
    pub(super) commune_code: CommuneCode,
    pub(super) held: i64,
    pub(super) duration_minutes: Option<i64>,
    pub(super) preparation_minutes: Option<i64>,
    pub(super) travel_minutes: Option<i64>,
}

/// The actions held in the period, by kind and commune.
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

/// The participants of the actions held in the period, by kind of action and type of participant.
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

/// The actions planned in the period and cancelled, by reason.
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

/// For the actions held in the period: the seats of the registrations whose attendance is recorded, and the seats used.
pub(super) fn attendance(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    period: Period,
) -> QueryResult<(Option<i64>, Option<i64>)> {
    let with_attendance = [ActionRegistrationStatus::Attended, ActionRegistrationStatus::Absent];
    action_registrations::table
        .inner_join(actions::table)
        .filter(actions::service_id.among(scope.ids()).and(actions::status.eq(ActionStatus::Held)))
        .filter(actions::held_on.between(period.from, period.to))
        .filter(action_registrations::status.among(&with_attendance))
        .select((sum(action_registrations::seats), sum(action_registrations::attended)))
        .get_result(conn)
}
