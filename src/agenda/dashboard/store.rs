//! The SQL of the dashboard: counts of index ranges, in two round trips.

use chrono::NaiveDate;
use diesel::dsl::{count, exists, not};
use diesel::prelude::*;

use crate::appointments::model::AppointmentStatus;
use crate::cases::model::CaseStatus;
use crate::cases::placements::model::PlacementStage;
use crate::conventions::agreements::model::ConventionStatus;
use crate::db::schema::{
    appointments, case_suspensions, cases, conventions, instalments, placement_reviews, placements, procedures,
    referrals, reservations,
};
use crate::db::{AnyConn, Id, IsAmong, together};
use crate::lending::reservations::model::ReservationStatus;
use crate::referrals::model::ReferralStatus;

/// The days that the counters depend on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dates {
    pub(super) today: NaiveDate,
    pub(super) week_to: NaiveDate,
    pub(super) expiring_to: NaiveDate,
    pub(super) year_from: NaiveDate,
}

/// What is due.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Due {
    pub(super) follow_ups_overdue: i64,
    pub(super) follow_ups_this_week: i64,
    pub(super) appointments_today: i64,
    pub(super) appointments_this_week: i64,
    pub(super) appointments_unanswered: i64,
    pub(super) procedures_expiring: i64,
    pub(super) procedures_overdue: i64,
    pub(super) placement_reviews_overdue: i64,
    pub(super) placement_reviews_this_week: i64,
    pub(super) placements_to_confirm: i64,
    pub(super) kits_overdue: i64,
    pub(super) kits_due_this_week: i64,
}

/// The other counters.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rest {
    pub(super) referrals_to_decide: i64,
    pub(super) referrals_waiting: i64,
    pub(super) open_cases: i64,
    pub(super) suspended_cases: i64,
    pub(super) conventions_expiring: i64,
    pub(super) instalments_overdue: i64,
    pub(super) children: i64,
}

/// The counters of a service.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    pub(super) due: Due,
    pub(super) rest: Rest,
}

fn one(rows: &[i64]) -> i64 {
    rows.first().copied().unwrap_or_default()
}

/// The counters of a service that the caller may see.
pub(super) fn counted(conn: &mut AnyConn, service: Id, dates: Dates) -> QueryResult<Counted> {
    Ok(Counted { due: due(conn, service, dates)?, rest: rest(conn, service, dates)? })
}

fn due(conn: &mut AnyConn, service: Id, dates: Dates) -> QueryResult<Due> {
    let open = || cases::table.filter(cases::service_id.eq(service).and(cases::status.eq(CaseStatus::Open)));
    let planned = || {
        let of_service = appointments::service_id.eq(service);
        appointments::table.filter(of_service.and(appointments::status.among(AppointmentStatus::OPEN)))
    };
    let reviews = || {
        let of_service = placement_reviews::service_id.eq(service);
        placement_reviews::table.filter(of_service.and(placement_reviews::answer.is_null()))
    };
    let lent = || {
        let of_service = reservations::service_id.eq(service);
        reservations::table.filter(of_service.and(reservations::status.eq(ReservationStatus::OnLoan)))
    };
    let pursued = || {
        let of_service = procedures::service_id.eq(service);
        procedures::table.inner_join(cases::table).filter(of_service.and(cases::status.eq(CaseStatus::Open)))
    };
    let (late, soon, today, week, unanswered, overdue, due, expiring, pending, unknown, asked, expected) = together!(
        conn,
        open().filter(cases::next_follow_up_on.lt(dates.today)).count() => i64,
        open().filter(cases::next_follow_up_on.between(dates.today, dates.week_to)).count() => i64,
        planned().filter(appointments::planned_on.eq(dates.today)).count() => i64,
        planned().filter(appointments::planned_on.between(dates.today, dates.week_to)).count() => i64,
        planned().filter(appointments::planned_on.lt(dates.today)).count() => i64,
        lent().filter(reservations::due_on.lt(dates.today)).count() => i64,
        lent().filter(reservations::due_on.between(dates.today, dates.week_to)).count() => i64,
        pursued().filter(procedures::expires_key.between(dates.today, dates.expiring_to)).count() => i64,
        pursued().filter(procedures::next_key.lt(dates.today)).count() => i64,
        reviews().filter(placement_reviews::due_on.lt(dates.today)).count() => i64,
        reviews().filter(placement_reviews::due_on.between(dates.today, dates.week_to)).count() => i64,
        placements::table
            .filter(placements::service_id.eq(service).and(placements::stage.eq(PlacementStage::Planned)))
            .filter(placements::starts_on.le(dates.today))
            .count()
            => i64,
    )?;
    Ok(Due {
        follow_ups_overdue: one(&late),
        follow_ups_this_week: one(&soon),
        appointments_today: one(&today),
        appointments_this_week: one(&week),
        appointments_unanswered: one(&unanswered),
        procedures_expiring: one(&expiring),
        procedures_overdue: one(&pending),
        placement_reviews_overdue: one(&unknown),
        placement_reviews_this_week: one(&asked),
        placements_to_confirm: one(&expected),
        kits_overdue: one(&overdue),
        kits_due_this_week: one(&due),
    })
}

/// The convention that follows another one.
mod renewal {
    #![allow(missing_docs, reason = "diesel's macro writes the items")]

    use crate::db::schema::conventions;

    diesel::alias!(conventions as following: Following);
}

use renewal::following;

fn rest(conn: &mut AnyConn, service: Id, dates: Dates) -> QueryResult<Rest> {
    let referrals = |states: &[ReferralStatus]| {
        referrals::table.filter(referrals::service_id.eq(service).and(referrals::status.among(states)))
    };
    let renewal = || {
        following
            .filter(following.field(conventions::renews_id).eq(conventions::id.nullable()))
            .filter(following.field(conventions::status).ne(ConventionStatus::Declined))
    };
    let settled = instalments::received_cents + instalments::waived_cents;
    let (decide, waiting, open, expiring, late, children, paused) = together!(
        conn,
        referrals(&[ReferralStatus::Received, ReferralStatus::Qualified]).count() => i64,
        referrals(&[ReferralStatus::WaitingList]).count() => i64,
        cases::table
            .filter(cases::service_id.eq(service).and(cases::status.eq(CaseStatus::Open)))
            .count()
            => i64,
        conventions::table
            .filter(conventions::service_id.eq(service))
            .filter(conventions::status.among(&[ConventionStatus::Signed, ConventionStatus::Suspended]))
            .filter(conventions::ends_on.between(dates.today, dates.expiring_to))
            .filter(not(exists(renewal())))
            .count()
            => i64,
        instalments::table
            .filter(instalments::service_id.eq(service))
            .filter(instalments::called_on.is_not_null().and(instalments::due_on.lt(dates.today)))
            .filter(settled.lt(instalments::amount_cents))
            .count()
            => i64,
        cases::table
            .filter(cases::service_id.eq(service).and(cases::opened_on.le(dates.today)))
            .filter(cases::closed_on.is_null().or(cases::closed_on.ge(dates.year_from)))
            .select(count(cases::child_id).aggregate_distinct())
            => i64,
        case_suspensions::table
            .filter(case_suspensions::service_id.eq(service).and(case_suspensions::resumed_on.is_null()))
            .count()
            => i64,
    )?;
    Ok(Rest {
        referrals_to_decide: one(&decide),
        referrals_waiting: one(&waiting),
        open_cases: one(&open),
        suspended_cases: one(&paused),
        conventions_expiring: one(&expiring),
        instalments_overdue: one(&late),
        children: one(&children),
    })
}
