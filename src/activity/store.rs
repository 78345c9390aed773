//! The SQL of activity: one aggregate per block of figures, computed by the database.

use diesel::dsl::{count, count_star, sum};
use diesel::prelude::*;

use crate::appointments::model::AppointmentStatus;
use crate::auth::ServiceScope;
use crate::cases::model::Subject;
use crate::cases::placements::model::PlacementStage;
use crate::db::schema::{appointments, cases, intervention_participants, interventions, placements, referrals};
use crate::db::{AnyConn, IsAmong, together};
use crate::figures::Period;
use crate::nomenclatures::codes::{
    InterventionMode, InterventionType, ParticipantType, ReferralOrigin, ReferralReason,
};
use crate::referrals::model::ReferralStatus;

/// Counts of one kind of subject.
#[derive(Debug, Queryable)]
pub(super) struct AccompaniedRow {
    pub(super) subject: Subject,
    pub(super) children: i64,
    pub(super) households: i64,
    pub(super) structures: i64,
}

/// Number of referrals received with one origin, state and reason.
#[derive(Debug, Queryable)]
pub(super) struct ReferralsRow {
    pub(super) origin: ReferralOrigin,
    pub(super) status: ReferralStatus,
    pub(super) reason: Option<ReferralReason>,
    pub(super) number: i64,
}

/// Sums over the interventions held of one type and mode: an act about several cases is one, and its shares add up.
#[derive(Debug, Queryable)]
pub(super) struct InterventionsRow {
    pub(super) kind: InterventionType,
    pub(super) mode: InterventionMode,
    pub(super) number: i64,
    pub(super) minutes: Option<i64>,
    pub(super) travel_minutes: Option<i64>,
}

/// What the activity of a period counts.
#[derive(Default)]
pub(super) struct Counted {
    /// Distinct children, households and structures with a case open on at least one day.
    pub(super) accompanied: Vec<AccompaniedRow>,
    /// The referrals received.
    pub(super) referrals: Vec<ReferralsRow>,
    /// The interventions held.
    pub(super) interventions: Vec<InterventionsRow>,
    /// Attendances at the interventions, by type of participant.
    pub(super) participants: Vec<(ParticipantType, Option<i64>)>,
    /// Appointments, by state and, if they were missed, by excuse.
    pub(super) appointments: Vec<(AppointmentStatus, Option<bool>, i64)>,
    /// Placements started, and their distinct children.
    pub(super) placements: (i64, i64),
}

/// What the activity of a period counts, read together.
pub(super) fn counted(conn: &mut AnyConn, scope: &ServiceScope, period: Period) -> QueryResult<Counted> {
    let (accompanied, referrals, interventions, participants, placements, appointments) = together!(
        conn,
        cases::table
            .filter(cases::service_id.among(scope.ids()))
            .filter(cases::opened_on.le(period.to))
            .filter(cases::closed_on.is_null().or(cases::closed_on.ge(period.from)))
            .group_by(cases::subject)
            .select((
                cases::subject,
                count(cases::child_id).aggregate_distinct(),
                count(cases::household_id).aggregate_distinct(),
                count(cases::organisation_id).aggregate_distinct(),
            ))
            => AccompaniedRow,
        referrals::table
            .filter(referrals::service_id.among(scope.ids()))
            .filter(referrals::received_on.between(period.from, period.to))
            .filter(referrals::annulled_on.is_null())
            .group_by((referrals::origin, referrals::status, referrals::reason))
            .order((referrals::origin, referrals::status, referrals::reason))
            .select((referrals::origin, referrals::status, referrals::reason, count_star()))
            => ReferralsRow,
        interventions::table
            .filter(interventions::service_id.among(scope.ids()))
            .filter(interventions::held_on.between(period.from, period.to))
            .group_by((interventions::type_, interventions::mode))
            .order((interventions::type_, interventions::mode))
            .select((
                interventions::type_,
                interventions::mode,
                count(interventions::act_id).aggregate_distinct(),
                sum(interventions::minutes),
                sum(interventions::travel_minutes),
            ))
            => InterventionsRow,
        intervention_participants::table
            .inner_join(interventions::table)
            .filter(interventions::service_id.among(scope.ids()))
            .filter(interventions::held_on.between(period.from, period.to))
            .group_by(intervention_participants::kind)
            .order(intervention_participants::kind)
            .select((intervention_participants::kind, sum(intervention_participants::number)))
            => (ParticipantType, Option<i64>),
        placements::table
            .inner_join(cases::table)
            .filter(placements::service_id.among(scope.ids()))
            .filter(placements::starts_on.between(period.from, period.to))
            // Neither a planned place nor one that the child already had is an effective placement.
            .filter(placements::stage.eq(PlacementStage::Started).and(placements::starts_on.ge(cases::opened_on)))
            .select((count_star(), count(cases::child_id).aggregate_distinct()))
            => (i64, i64),
        appointments::table
            .filter(appointments::service_id.among(scope.ids()))
            .filter(appointments::planned_on.between(period.from, period.to))
            .group_by((appointments::status, appointments::excused))
            .select((appointments::status, appointments::excused, count_star()))
            => (AppointmentStatus, Option<bool>, i64),
    )?;
    let placements = placements.first().copied().unwrap_or_default();
    Ok(Counted { accompanied, referrals, interventions, participants, appointments, placements })
}
