//! The SQL of the load of a team: one aggregate per figure, in one round trip.

use chrono::{Datelike, NaiveDate};
use diesel::dsl::{count, count_star, exists, not, sum};
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::cases::model::CaseStatus;
use crate::cases::store::NOTHING_PLANNED;
use crate::cases::team::model::Capacity;
use crate::db::schema::{
    case_members, case_suspensions, cases, intervention_professionals, interventions, referrals, users,
};
use crate::db::{AnyConn, Id, IsAmong, together};
use crate::referrals::model::{ReferralStatus, Urgency};

/// Numbers of cases by référent; none for cases without one.
pub(super) type ByReferent = Vec<(Option<Id>, i64)>;

/// The work of a period: acts, minutes, travel.
pub(super) type Worked = (i64, Option<i64>, Option<i64>);
/// The work of a person: the user, acts, minutes, travel.
pub(super) type PersonWork = (Id, i64, Option<i64>, Option<i64>);

/// The load of a team.
pub(super) struct Load {
    pub(super) open: ByReferent,
    pub(super) overdue: ByReferent,
    pub(super) nothing_planned: ByReferent,
    /// The names of the référents and of those who worked.
    pub(super) names: Vec<(Id, String)>,
    pub(super) waiting: Vec<(Urgency, i64)>,
    pub(super) open_children: i64,
    pub(super) accompanied_this_year: i64,
    pub(super) worked: Worked,
    pub(super) by_person: Vec<PersonWork>,
}

/// The load of the team of a service in scope on a day.
pub(super) fn load(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    day: NaiveDate,
    worked_from: NaiveDate,
) -> QueryResult<Load> {
    let services = scope.ids();
    let open = || {
        let in_charge = case_members::case_id
            .eq(cases::id)
            .and(case_members::capacity.eq(Capacity::Referent))
            .and(case_members::ends_on.is_null());
        cases::table
            .left_join(case_members::table.on(in_charge))
            .filter(cases::service_id.among(services).and(cases::status.eq(CaseStatus::Open)))
    };
    let paused = || {
        let lasts = case_suspensions::case_id.eq(cases::id).and(case_suspensions::resumed_on.is_null());
        case_suspensions::table.filter(lasts)
    };
    let by_referent = || (case_members::user_id.nullable(), count_star());
    let since = day.with_ordinal(1).unwrap_or(day);
    let of_services = || cases::table.filter(cases::service_id.among(services));
    let work = || {
        let of_services = interventions::service_id.among(services);
        interventions::table.filter(of_services.and(interventions::held_on.between(worked_from, day)))
    };
    let people = || {
        let took_part = intervention_professionals::act_id.eq(interventions::act_id);
        work().inner_join(intervention_professionals::table.on(took_part))
    };
    let sums = || {
        (
            count(interventions::act_id).aggregate_distinct(),
            sum(interventions::minutes),
            sum(interventions::travel_minutes),
        )
    };
    let (all, overdue, nothing_planned, names, waiting, open_children, this_year, worked, by_person) = together!(
        conn,
        open().group_by(case_members::user_id).select(by_referent()) => (Option<Id>, i64),
        open().filter(cases::next_key.lt(day)).group_by(case_members::user_id).select(by_referent())
            => (Option<Id>, i64),
        open()
            .filter(cases::next_key.eq(NOTHING_PLANNED))
            .filter(not(exists(paused())))
            .group_by(case_members::user_id).select(by_referent())
            => (Option<Id>, i64),
        users::table
            .filter(users::id.eq_any(
                case_members::table
                    .filter(case_members::service_id.among(services).and(case_members::ends_on.is_null()))
                    .select(case_members::user_id),
            ))
            .or_filter(users::id.eq_any(people().select(intervention_professionals::user_id)))
            .select((users::id, users::display_name))
            => (Id, String),
        referrals::table
            .filter(referrals::service_id.among(services).and(referrals::status.eq(ReferralStatus::WaitingList)))
            .group_by(referrals::urgency)
            .select((referrals::urgency, count_star()))
            => (Urgency, i64),
        of_services()
            .filter(cases::status.eq(CaseStatus::Open))
            .select((count(cases::child_id).aggregate_distinct(), count_star()))
            => (i64, i64),
        of_services()
            .filter(cases::opened_on.le(day))
            .filter(cases::closed_on.is_null().or(cases::closed_on.ge(since)))
            .select((count(cases::child_id).aggregate_distinct(), count_star()))
            => (i64, i64),
        work().select(sums()) => Worked,
        people()
            .group_by(intervention_professionals::user_id)
            .select((
                intervention_professionals::user_id,
                count(interventions::act_id).aggregate_distinct(),
                sum(interventions::minutes),
                sum(interventions::travel_minutes),
            ))
            => PersonWork,
    )?;
    let first = |rows: Vec<(i64, i64)>| rows.first().map_or(0, |(children, _)| *children);
    Ok(Load {
        open: all,
        overdue,
        nothing_planned,
        names,
        waiting,
        open_children: first(open_children),
        accompanied_this_year: first(this_year),
        worked: worked.first().copied().unwrap_or_default(),
        by_person,
    })
}
