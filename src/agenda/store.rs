//! The SQL of the agenda. Each kind of entry is a range of an index, in the order of the agenda; the ranges are merged by
//! the use case. So a page reads as many rows of each kind as it has at most.

mod places;
pub(super) mod pursued;
pub(super) mod related;
pub(super) mod resumptions;
mod scopes;

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use places::{PLACE, REVIEW, reviews_of, starts_of};
pub(super) use places::{PlaceColumns, ReviewColumns};
use pursued::ProcedureColumns;
use resumptions::ResumptionColumns;
use scopes::{Boxed, accompanied_by, first_day};
pub(super) use scopes::{Days, Scopes};

use crate::actions::model::ActionStatus;
use crate::appointments::model::AppointmentStatus;
use crate::cases::model::CaseStatus;
use crate::conventions::agreements::model::ConventionStatus;
use crate::db::schema::{
    actions, appointment_professionals, appointments, case_members, case_suspensions, cases, conventions,
    placement_reviews, placements, procedures, reservations,
};
use crate::db::{AnyConn, Id, IsAmong, together};
use crate::lending::reservations::model::ReservationStatus;
use crate::nomenclatures::codes::{CollectiveActionType, InterventionPlace, InterventionType};
use crate::territories::{CommuneCode, TerritoryKind};

/// Cases whose children are considered for the upper age: several times the active file of a service.
const MAX_CHILDREN: i64 = 500;

diesel::define_sql_function! {
    /// The first value that is not null.
    fn coalesce(first: Nullable<Text>, second: Text) -> Text;
}

/// The place of an entry in the order of the agenda: day, time (empty for the whole day), object.
pub(super) type Key = (NaiveDate, String, Id);

pub(super) type AppointmentColumns =
    (Id, Id, NaiveDate, String, i32, AppointmentStatus, InterventionType, InterventionPlace, Option<Id>);
pub(super) type CaseColumns = (Id, Id, Option<NaiveDate>, Option<Id>, Option<Id>, Option<Id>, CommuneCode);
pub(super) type ActionColumns = (
    Id,
    Id,
    NaiveDate,
    Option<String>,
    i32,
    ActionStatus,
    CollectiveActionType,
    String,
    InterventionPlace,
    CommuneCode,
    Option<Id>,
);
pub(super) type LoanColumns = (Id, Id, NaiveDate, Id, Option<Id>, CommuneCode);
pub(super) type ConventionColumns = (Id, Id, NaiveDate, TerritoryKind, String);

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
}

/// After a key, for a table without a time: only the day and the object count.
macro_rules! after_day {
    ($query:expr, $after:expr, $day:expr, $id:expr) => {{
        let query = $query;
        match $after {
            None => query,
            Some((day, time, id)) if time.is_empty() => query.filter($day.gt(*day).or($day.eq(*day).and($id.gt(*id)))),
            Some((day, ..)) => query.filter($day.gt(*day)),
        }
    }};
}

/// After a key, for a table with a time.
macro_rules! after_time {
    ($query:expr, $after:expr, $day:expr, $time:expr, $id:expr) => {{
        let query = $query;
        match $after {
            None => query,
            Some((day, time, id)) => query.filter(
                $day.gt(*day).or($day.eq(*day).and($time.gt(time.clone()).or($time.eq(time.clone()).and($id.gt(*id))))),
            ),
        }
    }};
}

/// The appointments of the period that were not cancelled, or those before it that are open.
fn appointments_of<'a>(scopes: &Scopes, days: &Days, overdue: bool) -> Boxed<'a, appointments::table> {
    use AppointmentStatus::{Confirmed, Held, Missed, Planned};
    let query = appointments::table.filter(appointments::service_id.among(scopes.appointments.ids())).into_boxed();
    let mut query = match (overdue, days.overdue) {
        (false, _) => query
            .filter(appointments::status.among(&[Planned, Confirmed, Held, Missed]))
            .filter(appointments::planned_on.between(days.from, days.to)),
        (true, true) => query
            .filter(appointments::status.among(AppointmentStatus::OPEN))
            .filter(appointments::planned_on.lt(days.from)),
        (true, false) => query.filter(appointments::planned_on.lt(first_day())),
    };
    if let Some(user) = scopes.of_user {
        let theirs = appointment_professionals::appointment_id
            .eq(appointments::id)
            .and(appointment_professionals::user_id.eq(user));
        query = query.filter(exists(appointment_professionals::table.filter(theirs)));
    }
    query
}

fn follow_ups_of<'a>(scopes: &Scopes, days: &Days) -> Boxed<'a, cases::table> {
    let query = cases::table
        .filter(cases::service_id.among(scopes.follow_ups.ids()).and(cases::status.eq(CaseStatus::Open)))
        .filter(cases::next_follow_up_on.between(days.first(), days.to))
        .into_boxed();
    match scopes.of_user {
        Some(user) => query.filter(accompanied_by!(user)),
        None => query,
    }
}

fn actions_of<'a>(scopes: &Scopes, days: &Days, overdue: bool) -> Boxed<'a, actions::table> {
    let query = actions::table.filter(actions::service_id.among(scopes.actions.ids())).into_boxed();
    match (overdue, days.overdue) {
        (false, _) => query
            .filter(actions::status.among(&[ActionStatus::Planned, ActionStatus::Held]))
            .filter(actions::held_on.between(days.from, days.to)),
        (true, true) => query.filter(actions::status.eq(ActionStatus::Planned).and(actions::held_on.lt(days.from))),
        (true, false) => query.filter(actions::held_on.lt(first_day())),
    }
}

fn loans_of<'a>(scopes: &Scopes, days: &Days) -> Boxed<'a, reservations::table> {
    reservations::table
        .filter(reservations::service_id.among(scopes.loans.ids()))
        .filter(reservations::status.eq(ReservationStatus::OnLoan))
        .filter(reservations::due_on.between(days.first(), days.to))
        .into_boxed()
}

/// The convention that follows another one.
mod renewal {
    #![allow(missing_docs, reason = "diesel's macro writes the items")]

    use crate::db::schema::conventions;

    diesel::alias!(conventions as following: Following);
}

use renewal::following;

/// The signed conventions that end in the period and that no convention renews: see `listExpiringConventions`.
fn conventions_of<'a>(scopes: &Scopes, days: &Days) -> Boxed<'a, conventions::table> {
    let renewal = following
        .filter(following.field(conventions::renews_id).eq(conventions::id.nullable()))
        .filter(following.field(conventions::status).ne(ConventionStatus::Declined));
    conventions::table
        .filter(conventions::service_id.among(scopes.conventions.ids()))
        .filter(conventions::status.among(&[ConventionStatus::Signed, ConventionStatus::Suspended]))
        .filter(conventions::ends_on.between(days.from, days.to))
        .filter(not(exists(renewal)))
        .into_boxed()
}

/// What a row of `cases` gives to an entry.
const CASE: (
    cases::id,
    cases::service_id,
    cases::next_follow_up_on,
    cases::child_id,
    cases::household_id,
    cases::organisation_id,
    cases::commune_code,
) = (
    cases::id,
    cases::service_id,
    cases::next_follow_up_on,
    cases::child_id,
    cases::household_id,
    cases::organisation_id,
    cases::commune_code,
);

/// The rows of the page that starts after a key, of each kind, in one round trip.
#[allow(clippy::too_many_lines, reason = "one statement, and what it selects")]
pub(super) fn rows(
    conn: &mut AnyConn,
    scopes: &Scopes,
    days: &Days,
    after: Option<&Key>,
    limit: i64,
) -> QueryResult<Rows> {
    let appointments = |overdue| {
        let query = appointments_of(scopes, days, overdue);
        after_time!(query, after, appointments::planned_on, appointments::starts_at, appointments::id)
            .order((appointments::planned_on, appointments::starts_at, appointments::id))
            .limit(limit)
            .select((
                appointments::id,
                appointments::service_id,
                appointments::planned_on,
                appointments::starts_at,
                appointments::minutes,
                appointments::status,
                appointments::type_,
                appointments::place,
                appointments::organisation_id,
            ))
    };
    let actions = |overdue| {
        let time = || coalesce(actions::starts_at, "");
        let query = actions_of(scopes, days, overdue);
        after_time!(query, after, actions::held_on, time(), actions::id)
            .order((actions::held_on, time(), actions::id))
            .limit(limit)
            .select((
                actions::id,
                actions::service_id,
                actions::held_on,
                actions::starts_at,
                actions::duration_minutes,
                actions::status,
                actions::kind,
                actions::title,
                actions::place,
                actions::commune_code,
                actions::organiser_id,
            ))
    };
    macro_rules! of_procedures {
        ($query:expr, $key:ident, $day:ident) => {
            after_day!($query, after, procedures::$key, procedures::id)
                .order((procedures::$key, procedures::id))
                .limit(limit)
                .select((
                    procedures::id,
                    procedures::service_id,
                    procedures::$day,
                    procedures::kind,
                    procedures::organisation_id,
                    cases::id,
                    cases::child_id,
                    cases::household_id,
                    cases::commune_code,
                ))
        };
    }
    let candidates = if days.overdue { MAX_CHILDREN } else { 0 };
    let (
        mut planned,
        late,
        follow_ups,
        mut gatherings,
        unheld,
        loans,
        conventions,
        children,
        procedures,
        expiries,
        resumptions,
        starts,
        reviews,
    ) = together!(
        conn,
        appointments(false) => AppointmentColumns,
        appointments(true) => AppointmentColumns,
        after_day!(follow_ups_of(scopes, days), after, cases::next_follow_up_on, cases::id)
            .order((cases::next_follow_up_on, cases::id))
            .limit(limit)
            .select(CASE)
            => CaseColumns,
        actions(false) => ActionColumns,
        actions(true) => ActionColumns,
        after_day!(loans_of(scopes, days), after, reservations::due_on, reservations::id)
            .order((reservations::due_on, reservations::id))
            .limit(limit)
            .select((
                reservations::id,
                reservations::service_id,
                reservations::due_on,
                reservations::kit_id,
                reservations::organisation_id,
                reservations::commune_code,
            ))
            => LoanColumns,
        after_day!(conventions_of(scopes, days), after, conventions::ends_on, conventions::id)
            .order((conventions::ends_on, conventions::id))
            .limit(limit)
            .select((
                conventions::id,
                conventions::service_id,
                conventions::ends_on,
                conventions::collectivity_kind,
                conventions::collectivity_code,
            ))
            => ConventionColumns,
        cases::table
            .filter(cases::service_id.among(scopes.children.ids()))
            .filter(cases::status.eq(CaseStatus::Open).and(cases::child_id.is_not_null()))
            .order((cases::opened_on, cases::id))
            .limit(candidates)
            .select(CASE)
            => CaseColumns,
        of_procedures!(pursued::next(scopes, days), next_key, next_on) => ProcedureColumns,
        of_procedures!(pursued::expiring(scopes, days), expires_key, expires_on) => ProcedureColumns,
        after_day!(resumptions::planned(scopes, days), after, case_suspensions::resumes_on, case_suspensions::case_id)
            .order((case_suspensions::resumes_on, case_suspensions::case_id))
            .limit(limit)
            .select((
                cases::id,
                cases::service_id,
                case_suspensions::resumes_on,
                cases::child_id,
                cases::household_id,
                cases::organisation_id,
                cases::commune_code,
            ))
            => ResumptionColumns,
        after_day!(starts_of(scopes, days), after, placements::starts_on, placements::id)
            .order((placements::starts_on, placements::id))
            .limit(limit)
            .select(PLACE)
            => PlaceColumns,
        after_day!(reviews_of(scopes, days), after, placement_reviews::due_on, placement_reviews::id)
            .order((placement_reviews::due_on, placement_reviews::id))
            .limit(limit)
            .select(REVIEW)
            => ReviewColumns,
    )?;
    planned.extend(late);
    gatherings.extend(unheld);
    Ok(Rows {
        appointments: planned,
        follow_ups,
        actions: gatherings,
        loans,
        conventions,
        children,
        procedures,
        expiries,
        resumptions,
        starts,
        reviews,
    })
}

/// The number of entries of the whole agenda, but the birthdays, in one round trip.
pub(super) fn count(conn: &mut AnyConn, scopes: &Scopes, days: &Days) -> QueryResult<i64> {
    let counts = together!(
        conn,
        appointments_of(scopes, days, false).count() => i64,
        appointments_of(scopes, days, true).count() => i64,
        follow_ups_of(scopes, days).count() => i64,
        starts_of(scopes, days).count() => i64,
        reviews_of(scopes, days).count() => i64,
        actions_of(scopes, days, false).count() => i64,
        actions_of(scopes, days, true).count() => i64,
        loans_of(scopes, days).count() => i64,
        conventions_of(scopes, days).count() => i64,
        pursued::next(scopes, days).count() => i64,
        pursued::expiring(scopes, days).count() => i64,
        resumptions::planned(scopes, days).count() => i64,
    )?;
    let (planned, late, follow_ups, starts, reviews, gatherings, unheld, loans, conventions, pursued, expiring, paused) =
        counts;
    let all =
        [planned, late, follow_ups, starts, reviews, gatherings, unheld, loans, conventions, pursued, expiring, paused];
    Ok(all.into_iter().flatten().sum())
}
