//! The SQL of the figures of the collective actions.

use diesel::dsl::{count_star, sum};
use diesel::prelude::*;

use crate::actions::model::ActionStatus;
use crate::actions::registrations::model::ActionRegistrationStatus;
use crate::auth::ServiceScope;
use crate::db::schema::{action_participants, action_registrations, actions};
use crate::db::{AnyConn, IsAmong, together};
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

/// What the figures of a period count.
pub(super) struct Counted {
    /// The actions held, by kind and commune.
    pub(super) held: Vec<HeldRow>,
    /// The participants of the actions held, by kind of action and type of participant.
    pub(super) participants: Vec<(CollectiveActionType, ParticipantType, Option<i64>)>,
    /// The actions planned in the period and cancelled, by reason.
    pub(super) cancelled: Vec<(Option<ActionCancellationReason>, i64)>,
    /// For the actions held: the seats of the registrations whose attendance is recorded, and the seats used.
    pub(super) attendance: (Option<i64>, Option<i64>),
}

/// What the figures of a period count, read together.
pub(super) fn counted(conn: &mut AnyConn, scope: &ServiceScope, period: Period) -> QueryResult<Counted> {
    let of_scope = |status: ActionStatus| actions::service_id.among(scope.ids()).and(actions::status.eq(status));
    let in_period = || actions::held_on.between(period.from, period.to);
    let with_attendance = [ActionRegistrationStatus::Attended, ActionRegistrationStatus::Absent];
    let (held, participants, cancelled, attendance) = together!(
        conn,
        actions::table
            .filter(of_scope(ActionStatus::Held))
            .filter(in_period())
            .group_by((actions::kind, actions::commune_code))
            .select((
                actions::kind,
                actions::commune_code,
                count_star(),
                sum(actions::duration_minutes),
                sum(actions::preparation_minutes),
                sum(actions::travel_minutes),
            ))
            => HeldRow,
        action_participants::table
            .inner_join(actions::table)
            .filter(of_scope(ActionStatus::Held))
            .filter(in_period())
            .group_by((actions::kind, action_participants::participant_type))
            .select((actions::kind, action_participants::participant_type, sum(action_participants::number)))
            => (CollectiveActionType, ParticipantType, Option<i64>),
        actions::table
            .filter(of_scope(ActionStatus::Cancelled))
            .filter(in_period())
            .group_by(actions::cancellation_reason)
            .select((actions::cancellation_reason, count_star()))
            => (Option<ActionCancellationReason>, i64),
        action_registrations::table
            .inner_join(actions::table)
            .filter(of_scope(ActionStatus::Held))
            .filter(in_period())
            .filter(action_registrations::status.among(&with_attendance))
            .select((sum(action_registrations::seats), sum(action_registrations::attended)))
            => (Option<i64>, Option<i64>),
    )?;
    // Nothing is returned for sums of which both are NULL.
    Ok(Counted { held, participants, cancelled, attendance: attendance.first().copied().unwrap_or_default() })
}
