//! The SQL of the agenda. Each kind of entry brings its query and its columns, and is a range of an index, in the order of the
//! agenda; the ranges are merged by the use case. So a page reads as many rows of each kind as it has at most.

mod away;
mod ending;
mod followed;
mod meetings;
mod places;
pub(super) mod pursued;
pub(super) mod related;
pub(super) mod resumptions;
mod scopes;

use chrono::NaiveDate;
use diesel::prelude::*;

pub(super) use away::AbsenceColumns;
use away::{ABSENCE, absences_of};
use ending::{CONVENTION, LOAN, conventions_of, loans_of};
pub(super) use ending::{ConventionColumns, LoanColumns};
pub(super) use followed::CaseColumns;
use followed::{CASE, children_of, follow_ups_of};
use meetings::{ACTION, APPOINTMENT, actions_of, appointments_of, coalesce};
pub(super) use meetings::{ActionColumns, AppointmentColumns};
use places::{PLACE, REVIEW, reviews_of, starts_of};
pub(super) use places::{PlaceColumns, ReviewColumns};
use pursued::{EXPIRY, NEXT, ProcedureColumns};
use resumptions::{RESUMPTION, ResumptionColumns};
pub(super) use scopes::{Days, Scopes, Whose};

use crate::db::schema::{
    absences, actions, appointments, case_suspensions, cases, conventions, placement_reviews, placements, procedures,
    reservations,
};
use crate::db::{AnyConn, Id, together};

/// The place of an entry in the order of the agenda: day, time (empty for the whole day), object.
pub(super) type Key = (NaiveDate, String, Id);

/// The rows of a page, of each kind, and the candidates for the upper age.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) appointments: Vec<AppointmentColumns>,
    pub(super) follow_ups: Vec<CaseColumns>,
    pub(super) starts: Vec<PlaceColumns>,
    pub(super) reviews: Vec<ReviewColumns>,
    pub(super) actions: Vec<ActionColumns>,
    pub(super) loans: Vec<LoanColumns>,
    pub(super) conventions: Vec<ConventionColumns>,
    pub(super) children: Vec<CaseColumns>,
    pub(super) procedures: Vec<ProcedureColumns>,
    pub(super) expiries: Vec<ProcedureColumns>,
    pub(super) resumptions: Vec<ResumptionColumns>,
    pub(super) absences: Vec<AbsenceColumns>,
}

/// The rows after a key, for a table without a time: only the day and the object count. In the order of the agenda.
macro_rules! by_day {
    ($query:expr, $after:expr, $limit:expr, $day:path, $id:path) => {{
        let query = $query;
        let query = match $after {
            None => query,
            Some((day, time, id)) if time.is_empty() => query.filter($day.gt(*day).or($day.eq(*day).and($id.gt(*id)))),
            Some((day, ..)) => query.filter($day.gt(*day)),
        };
        query.order(($day, $id)).limit($limit)
    }};
}

/// The rows after a key, for a table with a time.
macro_rules! by_time {
    ($query:expr, $after:expr, $limit:expr, $day:path, $time:expr, $id:path) => {{
        let query = $query;
        let query = match $after {
            None => query,
            Some((day, time, id)) => query.filter(
                $day.gt(*day).or($day.eq(*day).and($time.gt(time.clone()).or($time.eq(time.clone()).and($id.gt(*id))))),
            ),
        };
        query.order(($day, $time, $id)).limit($limit)
    }};
}

/// The rows of the page that starts after a key, of each kind, in one round trip.
pub(super) fn rows(
    conn: &mut AnyConn,
    scopes: &Scopes,
    days: &Days,
    after: Option<&Key>,
    limit: i64,
) -> QueryResult<Rows> {
    let meetings = |overdue| {
        let query = appointments_of(scopes, days, overdue);
        by_time!(query, after, limit, appointments::planned_on, appointments::starts_at, appointments::id)
            .select(APPOINTMENT)
    };
    let gatherings = |overdue| {
        let time = || coalesce(actions::starts_at, "");
        by_time!(actions_of(scopes, days, overdue), after, limit, actions::held_on, time(), actions::id).select(ACTION)
    };
    let (
        planned,
        late,
        follow_ups,
        gathered,
        unheld,
        loans,
        conventions,
        children,
        next,
        expiring,
        paused,
        starts,
        reviews,
        away,
    ) = together!(
        conn,
        meetings(false) => AppointmentColumns,
        meetings(true) => AppointmentColumns,
        by_day!(follow_ups_of(scopes, days), after, limit, cases::next_follow_up_on, cases::id).select(CASE) => CaseColumns,
        gatherings(false) => ActionColumns,
        gatherings(true) => ActionColumns,
        by_day!(loans_of(scopes, days), after, limit, reservations::due_on, reservations::id).select(LOAN) => LoanColumns,
        by_day!(conventions_of(scopes, days), after, limit, conventions::ends_on, conventions::id).select(CONVENTION)
            => ConventionColumns,
        children_of(scopes, days).select(CASE) => CaseColumns,
        by_day!(pursued::next(scopes, days), after, limit, procedures::next_key, procedures::id).select(NEXT)
            => ProcedureColumns,
        by_day!(pursued::expiring(scopes, days), after, limit, procedures::expires_key, procedures::id).select(EXPIRY)
            => ProcedureColumns,
        by_day!(
            resumptions::planned(scopes, days), after, limit, case_suspensions::resumes_on, case_suspensions::case_id
        )
        .select(RESUMPTION)
            => ResumptionColumns,
        by_day!(starts_of(scopes, days), after, limit, placements::starts_on, placements::id).select(PLACE)
            => PlaceColumns,
        by_day!(reviews_of(scopes, days), after, limit, placement_reviews::due_on, placement_reviews::id).select(REVIEW)
            => ReviewColumns,
        by_day!(absences_of(scopes, days), after, limit, absences::starts_on, absences::id).select(ABSENCE)
            => AbsenceColumns,
    )?;
    Ok(Rows {
        appointments: [planned, late].concat(),
        follow_ups,
        actions: [gathered, unheld].concat(),
        loans,
        conventions,
        children,
        procedures: next,
        expiries: expiring,
        resumptions: paused,
        starts,
        reviews,
        absences: away,
    })
}

/// The number of rows of several queries, in one round trip.
macro_rules! count_together {
    ($conn:expr, $($of:ident: $query:expr),+ $(,)?) => {{
        let ($($of,)+) = together!($conn, $($query.count() => i64,)+)?;
        Ok([$($of),+].into_iter().flatten().sum())
    }};
}

/// The number of entries of the whole agenda, but the birthdays, in one round trip.
pub(super) fn count(conn: &mut AnyConn, scopes: &Scopes, days: &Days) -> QueryResult<i64> {
    count_together!(
        conn,
        planned: appointments_of(scopes, days, false),
        late: appointments_of(scopes, days, true),
        follow_ups: follow_ups_of(scopes, days),
        starts: starts_of(scopes, days),
        reviews: reviews_of(scopes, days),
        gathered: actions_of(scopes, days, false),
        unheld: actions_of(scopes, days, true),
        loans: loans_of(scopes, days),
        conventions: conventions_of(scopes, days),
        next: pursued::next(scopes, days),
        expiring: pursued::expiring(scopes, days),
        paused: resumptions::planned(scopes, days),
        away: absences_of(scopes, days),
    )
}
