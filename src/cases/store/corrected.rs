//! The SQL of corrections of cases, of their reopening and of their end.

use chrono::NaiveDate;
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
    case_events, case_members, case_steps, case_suspensions, cases, complex_situations, corrections, data_keys,
    goal_reviews, goals, interventions, placements, recommendations,
};
use crate::db::{AnyConn, Id, IsAmong, columns, together, write_together};
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
    /// The earliest day of a step, a placement that started during the case, a goal, a suspension, a complex situation, or a
    /// change in the team after the opening; the step of the closing does not count.
    pub(in crate::cases) first: Option<NaiveDate>,
    /// The latest day of a step, an intervention, a recommendation, a placement, a goal or its review, the start of a suspension, a complex
    /// situation, or a change in the team; the step of the closing does not count.
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
    let (first, last, held, placements, closure, set, reviewed, team, suspensions, flagged, recommended) = together!(
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
        complex_situations::table
            .filter(complex_situations::service_id.eq(service).and(complex_situations::case_id.eq(id)))
            .select((complex_situations::flagged_on, complex_situations::ended_on))
            => (NaiveDate, Option<NaiveDate>),
        recommendations::table
            .filter(recommendations::service_id.eq(service).and(recommendations::case_id.eq(id)))
            .order(recommendations::made_on.desc())
            .limit(1)
            .select(recommendations::made_on)
            => NaiveDate,
    )?;
    let placements: Vec<Facts> =
        placements.into_iter().map(|(stage, starts_on, ends_on)| Facts { stage, starts_on, ends_on }).collect();
    let starts = || placements.iter().filter(|facts| facts.is_effective(case.opened_on)).map(|facts| facts.starts_on);
    // Who is in the team since the opening follows its day; who left bounds it.
    let joined = team.iter().filter(|(_, from, _)| *from > case.opened_on).map(|(_, from, _)| *from);
    let changes = joined.clone().chain(team.iter().filter_map(|(.., until)| *until));
    let set_on = || set.iter().map(|(day, _)| *day);
    let paused = || suspensions.iter().map(|suspension| suspension.starts_on);
    let flags = || flagged.iter().map(|(day, _)| *day);
    let unflagged = flagged.iter().filter_map(|(_, day)| *day);
    let given_up = set.iter().filter_map(|(_, day)| *day);
    Ok(Records {
        first: first.into_iter().chain(starts()).chain(set_on()).chain(paused()).chain(flags()).chain(changes).min(),
        last: last
            .into_iter()
            .chain(held)
            .chain(recommended)
            .chain(starts())
            .chain(set_on())
            .chain(given_up)
            .chain(reviewed)
            .chain(paused())
            .chain(flags())
            .chain(unflagged)
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
