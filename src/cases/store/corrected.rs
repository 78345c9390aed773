//! The SQL of corrections of cases, of their reopening and of their end.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::min;
use diesel::prelude::*;

use super::{CaseRow, decide};
use crate::auth::ServiceScope;
use crate::cases::corrections::store::CorrectionRow;
use crate::cases::history::store::CaseEventRow;
use crate::cases::model::{CLOSURE, CaseStatus};
use crate::cases::placements::model::{Facts, PlacementStage};
use crate::cases::steps::store::StepRow;
use crate::cases::suspensions::store::SuspensionRow;
use crate::data_keys::WrappedKey;
use crate::db::schema::{
    appointment_cases, case_events, case_members, case_steps, case_suspensions, cases, complex_situations, corrections,
    data_keys, goal_reviews, goals, interventions, placements, procedures, referrals, reservations,
    service_departements, services,
};
use crate::db::{AnyConn, Id, IsAmong, columns, together, write_together};
use crate::services::model::Settings;
use crate::services::store::{self as services_store, GroupRow, ServiceRow, groups_of};
use crate::territories::DepartementCode;
use crate::wrapped_keys;

/// What the reopening of a case undoes.
pub(in crate::cases) struct ToReopen {
    /// Another open case of the child.
    pub(in crate::cases) other: Option<Id>,
    /// The step of its closing.
    pub(in crate::cases) closure: Option<StepRow>,
    /// The key that seals it, for the former values of the step.
    pub(in crate::cases) keys: Vec<WrappedKey>,
}

/// What the reopening of a case undoes. The caller holds the lock of the child.
pub(in crate::cases) fn to_reopen(conn: &mut AnyConn, scope: &ServiceScope, case: &CaseRow) -> QueryResult<ToReopen> {
    let of_child = case.child_id.unwrap_or(case.id);
    let (open, closures, keys) = together!(
        conn,
        cases::table
            .filter(cases::service_id.among(scope.ids()))
            .filter(cases::child_id.eq(of_child).and(cases::status.eq(CaseStatus::Open)))
            .select(cases::id)
            => Id,
        case_steps::table
            .filter(case_steps::service_id.among(scope.ids()))
            .filter(case_steps::case_id.eq(case.id).and(case_steps::step.eq(CLOSURE)))
            .select(columns::<StepRow>())
            => StepRow,
        wrapped_keys!().filter(data_keys::holder_id.eq(case.key_owner())) => WrappedKey,
    )?;
    Ok(ToReopen { other: open.into_iter().next(), closure: closures.into_iter().next(), keys })
}

/// Reopens a case: removes the step of its closing, which its correction keeps. Returns false if another writer was first.
pub(in crate::cases) fn reopen(
    conn: &mut AnyConn,
    row: &CaseRow,
    new: &CaseRow,
    event: &CaseEventRow,
    undone: Option<&CorrectionRow>,
) -> QueryResult<bool> {
    let Some(removal) = undone else { return decide(conn, row, new, event, None) };
    let read = || cases::id.eq(row.id).and(cases::version.eq(row.version));
    let closures = || case_steps::case_id.eq(row.id).and(case_steps::step.eq(CLOSURE));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(removal),
        diesel::delete(case_steps::table.filter(closures())),
        diesel::insert_into(case_events::table).values(event),
        diesel::update(cases::table.filter(read())).set(new),
    )?;
    Ok(written == 1)
}

/// The records of a case that bound its dates.
pub(in crate::cases) struct Records {
    /// The earliest day of a step, a placement that started during the case, a goal, a suspension, or a change in the team
    /// after the opening; the step of the closing does not count.
    pub(in crate::cases) first: Option<NaiveDate>,
    /// The latest day of a step, an intervention, a placement, a goal or its review, the start of a suspension, or a change
    /// in the team; the step of the closing does not count.
    pub(in crate::cases) last: Option<NaiveDate>,
    /// The placements.
    pub(in crate::cases) placements: Vec<Facts>,
    /// The step of the closing.
    pub(in crate::cases) closure: Option<StepRow>,
    /// The suspensions.
    pub(in crate::cases) suspensions: Vec<SuspensionRow>,
    /// Who is in the team since the opening.
    pub(in crate::cases) team: Vec<Id>,
}

impl Records {
    /// Whether a placement that started since the opening is current on a day.
    pub(in crate::cases) fn has_effective_placement_on(&self, day: NaiveDate, opened_on: NaiveDate) -> bool {
        self.placements.iter().any(|facts| facts.is_effective_on(day, opened_on))
    }

    /// Whether a place is expected of which nobody has said whether the child came.
    pub(in crate::cases) fn has_planned_placement(&self) -> bool {
        self.placements.iter().any(|facts| facts.stage == PlacementStage::Planned)
    }
}

/// The records of a case that bound its dates.
pub(in crate::cases) fn records(conn: &mut AnyConn, case: &CaseRow) -> QueryResult<Records> {
    let (service, id) = (case.service_id, case.id);
    let steps = || case_steps::service_id.eq(service).and(case_steps::case_id.eq(id));
    let (first, last, held, placements, closure, set, reviewed, team, suspensions) = together!(
        conn,
        case_steps::table
            .filter(steps().and(case_steps::step.ne(CLOSURE)))
            .order(case_steps::reached_on.asc())
            .limit(1)
            .select(case_steps::reached_on)
            => NaiveDate,
        case_steps::table
            .filter(steps().and(case_steps::step.ne(CLOSURE)))
            .order(case_steps::reached_on.desc())
            .limit(1)
            .select(case_steps::reached_on)
            => NaiveDate,
        interventions::table
            .filter(interventions::service_id.eq(service).and(interventions::case_id.eq(id)))
            .order(interventions::held_on.desc())
            .limit(1)
            .select(interventions::held_on)
            => NaiveDate,
        placements::table
            .filter(placements::service_id.eq(service).and(placements::case_id.eq(id)))
            .order((placements::starts_on, placements::id))
            .select((placements::stage, placements::starts_on, placements::ends_on))
            => (PlacementStage, NaiveDate, Option<NaiveDate>),
        case_steps::table
            .filter(steps().and(case_steps::step.eq(CLOSURE)))
            .order((case_steps::created_at.desc(), case_steps::id.desc()))
            .limit(1)
            .select(columns::<StepRow>())
            => StepRow,
        goals::table
            .filter(goals::service_id.eq(service).and(goals::case_id.eq(id)))
            .select((goals::set_on, goals::closed_on))
            => (NaiveDate, Option<NaiveDate>),
        goal_reviews::table
            .inner_join(goals::table)
            .filter(goals::service_id.eq(service).and(goals::case_id.eq(id)))
            .order(goal_reviews::reviewed_on.desc())
            .limit(1)
            .select(goal_reviews::reviewed_on)
            => NaiveDate,
        case_members::table
            .filter(case_members::service_id.eq(service).and(case_members::case_id.eq(id)))
            .select((case_members::id, case_members::starts_on, case_members::ends_on))
            => (Id, NaiveDate, Option<NaiveDate>),
        case_suspensions::table
            .filter(case_suspensions::service_id.eq(service).and(case_suspensions::case_id.eq(id)))
            .select(columns::<SuspensionRow>())
            => SuspensionRow,
    )?;
    let placements: Vec<Facts> =
        placements.into_iter().map(|(stage, starts_on, ends_on)| Facts { stage, starts_on, ends_on }).collect();
    let starts = || placements.iter().filter(|facts| facts.is_effective(case.opened_on)).map(|facts| facts.starts_on);
    // Who is in the team since the opening follows its day; who left bounds it.
    let joined = team.iter().filter(|(_, from, _)| *from > case.opened_on).map(|(_, from, _)| *from);
    let changes = joined.clone().chain(team.iter().filter_map(|(.., until)| *until));
    let set_on = || set.iter().map(|(day, _)| *day);
    let paused = || suspensions.iter().map(|suspension| suspension.starts_on);
    let given_up = set.iter().filter_map(|(_, day)| *day);
    Ok(Records {
        first: first.into_iter().chain(starts()).chain(set_on()).chain(paused()).chain(changes).min(),
        last: last
            .into_iter()
            .chain(held)
            .chain(starts())
            .chain(set_on())
            .chain(given_up)
            .chain(reviewed)
            .chain(paused())
            .chain(joined)
            .max(),
        closure: closure.into_iter().next(),
        team: team.iter().filter(|(_, from, _)| *from == case.opened_on).map(|(id, ..)| *id).collect(),
        placements,
        suspensions,
    })
}

/// Corrects a case, and moves the step of its closing and the first day of who is in the team since the opening. Returns false
/// if another writer was first.
pub(in crate::cases) fn correct(
    conn: &mut AnyConn,
    row: &CaseRow,
    new: &CaseRow,
    event: &CaseEventRow,
    correction: &CorrectionRow,
    closure: Option<&(StepRow, CorrectionRow)>,
    team: &[Id],
) -> QueryResult<bool> {
    if let Some((step, moved)) = closure {
        write_together!(
            conn,
            diesel::insert_into(corrections::table).values(moved),
            diesel::update(case_steps::table.filter(case_steps::id.eq(step.id))).set(step),
        )?;
    }
    let read = || cases::id.eq(row.id).and(cases::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(case_events::table).values(event),
        diesel::insert_into(corrections::table).values(correction),
        diesel::update(case_members::table.filter(case_members::id.among(team))).set((
            case_members::starts_on.eq(new.opened_on),
            case_members::version.eq(case_members::version + 1),
            case_members::updated_at.eq(new.updated_at),
        )),
        diesel::update(cases::table.filter(read())).set(new),
    )?;
    Ok(written == 1)
}

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
    let (found, keys, others, steps, works, placed, reserved, set, pursued, flagged, planned, held) = together!(
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
        appointments: number(planned),
        first_held_on: held.into_iter().next(),
    })
}

/// Removes a case on which nothing hangs, with its team and its suspensions; its events stay. Returns false if another writer was first.
pub(in crate::cases) fn remove(
    conn: &mut AnyConn,
    row: &CaseRow,
    event: &CaseEventRow,
    correction: &CorrectionRow,
) -> QueryResult<bool> {
    let read = || cases::id.eq(row.id).and(cases::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(case_events::table).values(event),
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(case_members::table.filter(case_members::case_id.eq(row.id))),
        diesel::delete(case_suspensions::table.filter(case_suspensions::case_id.eq(row.id))),
        diesel::delete(cases::table.filter(read())),
    )?;
    Ok(written == 1)
}

/// Cases as the correction of one of their records needs them.
pub(in crate::cases) struct AroundRows {
    /// The cases that are there.
    pub(in crate::cases) cases: HashMap<Id, CaseRow>,
    /// The days on which their first referrals arrived.
    pub(in crate::cases) received: HashMap<Id, NaiveDate>,
    /// The keys that seal them.
    pub(in crate::cases) keys: Vec<WrappedKey>,
    /// The settings of their service.
    pub(in crate::cases) settings: Vec<Settings>,
}

/// The cases of a record, the keys that seal them, and the settings of their service.
pub(in crate::cases) fn around(conn: &mut AnyConn, service: Id, ids: &[Id]) -> QueryResult<AroundRows> {
    let of_record = || cases::table.filter(cases::id.among(ids).and(cases::service_id.eq(service)));
    let (found, received, own_keys, keys, service_rows, departements, groups) = together!(
        conn,
        of_record().select(columns::<CaseRow>()) => CaseRow,
        referrals::table
            .filter(referrals::service_id.eq(service))
            .filter(referrals::case_id.eq_any(ids.iter().copied().map(Some)))
            .group_by(referrals::case_id)
            .select((referrals::case_id, min(referrals::received_on)))
            => (Option<Id>, Option<NaiveDate>),
        wrapped_keys!().filter(data_keys::holder_id.among(ids)) => WrappedKey,
        wrapped_keys!()
            .filter(data_keys::holder_id.nullable().eq_any(of_record().select(cases::household_id)))
            => WrappedKey,
        services::table.filter(services::id.eq(service)).select(columns::<ServiceRow>()) => ServiceRow,
        service_departements::table
            .filter(service_departements::service_id.eq(service))
            .order(service_departements::departement_code)
            .select((service_departements::service_id, service_departements::departement_code))
            => (Id, DepartementCode),
        groups_of!(&[service]) => GroupRow,
    )?;
    Ok(AroundRows {
        cases: found.into_iter().map(|case| (case.id, case)).collect(),
        received: received.into_iter().filter_map(|(case, day)| Some((case?, day?))).collect(),
        keys: own_keys.into_iter().chain(keys).collect(),
        settings: services_store::assembled(service_rows, departements, groups),
    })
}
