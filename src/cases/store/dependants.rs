//! The SQL of what hangs on a case.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::CaseRow;
use crate::auth::ServiceScope;
use crate::data_keys::WrappedKey;
use crate::db::schema::{
    appointment_cases, case_notes, case_steps, cases, complex_situations, data_keys, goals, interventions, placements,
    procedures, recommendations, referrals, reservations,
};
use crate::db::{AnyConn, Id, IsAmong, columns, together};
use crate::wrapped_keys;

/// What hangs on a case besides one of its referrals.
#[derive(Debug)]
pub(in crate::cases) struct Dependants {
    /// The case; none if it is not there.
    pub(in crate::cases) case: Option<CaseRow>,
    /// Its own key, if it is about a structure.
    pub(in crate::cases) keys: Vec<WrappedKey>,
    /// Its other referrals, by the day on which they arrived.
    pub(in crate::cases) referrals: Vec<NaiveDate>,
    /// The number of its steps.
    pub(in crate::cases) steps: i64,
    /// The number of its interventions.
    pub(in crate::cases) interventions: i64,
    /// The number of its placements.
    pub(in crate::cases) placements: i64,
    /// The number of reservations that name it.
    pub(in crate::cases) reservations: i64,
    /// The number of its goals.
    pub(in crate::cases) goals: i64,
    /// The number of its procedures.
    pub(in crate::cases) procedures: i64,
    /// The number of its complex situations.
    pub(in crate::cases) complex_situations: i64,
    /// The number of its notes, restricted ones included.
    pub(in crate::cases) notes: i64,
    /// The number of its recommendations.
    pub(in crate::cases) recommendations: i64,
    /// The number of appointments about it.
    pub(in crate::cases) appointments: i64,
    /// The day of its first intervention.
    pub(in crate::cases) first_held_on: Option<NaiveDate>,
}

/// A case, and what hangs on it besides one of its referrals.
pub(in crate::cases) fn dependants(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    id: Id,
    referral: Id,
) -> QueryResult<Dependants> {
    let of_case = || interventions::service_id.among(scope.ids()).and(interventions::case_id.eq(id));
    let (found, keys, others, steps, works, placed, reserved, set, pursued, flagged, noted, recommended, planned, held) =
        together!(
            conn,
            cases::table.filter(cases::id.eq(id).and(cases::service_id.among(scope.ids()))).select(columns::<CaseRow>())
                => CaseRow,
            wrapped_keys!().filter(data_keys::holder_id.eq(id)) => WrappedKey,
            referrals::table
                .filter(referrals::service_id.among(scope.ids()))
                .filter(referrals::case_id.eq(id).and(referrals::id.ne(referral)))
                .order((referrals::received_on, referrals::id))
                .select(referrals::received_on)
                => NaiveDate,
            case_steps::table
                .filter(case_steps::service_id.among(scope.ids()).and(case_steps::case_id.eq(id)))
                .count()
                => i64,
            interventions::table.filter(of_case()).count() => i64,
            placements::table
                .filter(placements::service_id.among(scope.ids()).and(placements::case_id.eq(id)))
                .count()
                => i64,
            reservations::table
                .filter(reservations::service_id.among(scope.ids()).and(reservations::case_id.eq(id)))
                .count()
                => i64,
            goals::table.filter(goals::service_id.among(scope.ids()).and(goals::case_id.eq(id))).count() => i64,
            procedures::table
                .filter(procedures::service_id.among(scope.ids()).and(procedures::case_id.eq(id)))
                .count()
                => i64,
            complex_situations::table
                .filter(complex_situations::service_id.among(scope.ids()).and(complex_situations::case_id.eq(id)))
                .count()
                => i64,
            case_notes::table
                .filter(case_notes::service_id.among(scope.ids()).and(case_notes::case_id.eq(id)))
                .count()
                => i64,
            recommendations::table
                .filter(recommendations::service_id.among(scope.ids()).and(recommendations::case_id.eq(id)))
                .count()
                => i64,
            // The case is in the scope, so are the appointments about it.
            appointment_cases::table.filter(appointment_cases::case_id.eq(id)).count() => i64,
            interventions::table
                .filter(of_case())
                .order(interventions::held_on)
                .limit(1)
                .select(interventions::held_on)
                => NaiveDate,
        )?;
    let number = |counted: Vec<i64>| counted.into_iter().sum();
    Ok(Dependants {
        case: found.into_iter().next(),
        keys,
        referrals: others,
        steps: number(steps),
        interventions: number(works),
        placements: number(placed),
        reservations: number(reserved),
        goals: number(set),
        procedures: number(pursued),
        complex_situations: number(flagged),
        notes: number(noted),
        recommendations: number(recommended),
        appointments: number(planned),
        first_held_on: held.into_iter().next(),
    })
}
