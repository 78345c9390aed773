//! Commands on an appointment: confirm, hold, cancel, miss, move, reopen.

use super::dto::Appointment;
use super::dto::acts::{AppointmentCancellation, AppointmentHolding, AppointmentMiss, AppointmentMove};
use super::model::{AppointmentAction, before_its_day};
use super::ops::{next, require_cases, require_no_interventions, show, show_with, wrong_state};
use super::plan::{as_given, birth_fault, day_faults, find_named, intervention, warnings};
use super::store::{self, AppointmentRow, MoveRow, NewParts, Parts, named};
use crate::auth::ServiceScope;
use crate::cases::interventions::dto::InterventionInput;
use crate::cases::interventions::ops::{Act, around_school, record_act};
use crate::cases::store::CaseRow;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Faults, Text};
use crate::households::absorbed::ops::naming_survivor;
use crate::naming::ops::named;
use crate::services;
use crate::work::Work;

/// A command on an appointment.
#[derive(Clone, Debug)]
pub enum Command {
    /// Those who are expected have confirmed it.
    Confirm,
    /// It took place.
    Hold(AppointmentHolding),
    /// It is cancelled.
    Cancel(AppointmentCancellation),
    /// Those who were expected did not come.
    Miss(AppointmentMiss),
    /// It is moved to another time.
    Move(AppointmentMove),
    /// It is planned again.
    Reopen,
}

impl Command {
    /// The action of the life cycle that it performs.
    pub fn action(&self) -> AppointmentAction {
        match self {
            Self::Confirm => AppointmentAction::Confirm,
            Self::Hold(_) => AppointmentAction::Hold,
            Self::Cancel(_) => AppointmentAction::Cancel,
            Self::Miss(_) => AppointmentAction::Miss,
            Self::Move(_) => AppointmentAction::Move,
            Self::Reopen => AppointmentAction::Reopen,
        }
    }
}

/// Applies a command to an appointment. One that is not allowed in the current state is a 409 that names the state.
pub fn act(work: &mut Work<'_>, row: &AppointmentRow, command: Command) -> Result<Appointment, ApiError> {
    let Some(status) = row.status.after(command.action()) else {
        return Err(wrong_state(work, row)?);
    };
    let mut new = AppointmentRow { status, ..row.clone() };
    match command {
        Command::Confirm => {}
        Command::Hold(holding) => return hold(work, row, new, &holding),
        Command::Cancel(cancellation) => new.cancelled_by = Some(cancellation.cancelled_by),
        Command::Miss(miss) => {
            require_past(work, row)?;
            new.excused = Some(miss.excused);
        }
        Command::Move(to) => return move_to(work, row, new, to),
        Command::Reopen => {
            let parts = store::parts(work.conn, std::slice::from_ref(row))?;
            require_no_interventions(row, &parts)?;
            require_cases(work, row, &parts)?;
            (new.cancelled_by, new.excused) = (None, None);
            // The minutes that it took were part of what was recorded by mistake.
            new.minutes = new.planned_minutes.take().unwrap_or(new.minutes);
        }
    }
    let new = replace(work, row, new)?;
    show(work, new)
}

fn replace(work: &mut Work<'_>, row: &AppointmentRow, new: AppointmentRow) -> Result<AppointmentRow, ApiError> {
    let new = next(work, row, new);
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    Ok(new)
}

/// What became of an appointment is known on its day at the earliest.
fn require_past(work: &mut Work<'_>, row: &AppointmentRow) -> Result<(), ApiError> {
    let today = services::ops::today(work, row.service_id)?;
    ApiError::reject_if_any(before_its_day(row.planned_on, today))
}

/// Moves an appointment: its former time is kept.
fn move_to(
    work: &mut Work<'_>,
    row: &AppointmentRow,
    mut new: AppointmentRow,
    to: AppointmentMove,
) -> Result<Appointment, ApiError> {
    new.planned_on = to.planned_on;
    new.start_key = store::start_key(to.planned_on, &to.starts_at);
    new.starts_at = to.starts_at;
    new.minutes = to.minutes.unwrap_or(row.minutes);
    let scope = ServiceScope::one(row.service_id);
    let settings = services::ops::settings(work, &scope, row.service_id)?;
    let mut faults = day_faults(&settings, &new, work.now);
    if (new.planned_on, &new.starts_at, new.minutes) == (row.planned_on, &row.starts_at, row.minutes) {
        let message = Text::new("Le rendez-vous est déjà à cette heure.", "The appointment is at this time already.");
        faults.push(Fault::new("/planned_on", "not_moved", message));
    }
    let mut parts = store::parts(work.conn, std::slice::from_ref(row))?;
    // A closed case has no appointment after its closing.
    let closed_on = parts.closed(row.id).map(|(_, closed_on)| closed_on).min();
    faults.extend(closed_on.and_then(|last| dates::not_after("/planned_on", new.planned_on, last, "after_closing")));
    let given = as_given(row, &parts);
    let found = find_named(work, &new, &given)?;
    faults.extend(birth_fault(work, &new, &given, &found)?);
    ApiError::reject_if_any(faults)?;
    let former = MoveRow {
        id: Id::next(work.now),
        appointment_id: row.id,
        planned_on: row.planned_on,
        starts_at: row.starts_at.clone(),
        minutes: row.minutes,
        author: work.author(),
        created_at: work.now,
    };
    let new = next(work, row, new);
    ApiError::require_first(store::move_to(work.conn, row, &new, &former)?)?;
    parts.moves.entry(row.id).or_default().push(former.into());
    let warnings = warnings(&new, &found);
    let warnings = named(work, warnings)?;
    Ok(Appointment { warnings: Some(warnings), ..show_with(work, new, parts)? })
}

/// Records that an appointment took place: an intervention of each of its cases, which share the minutes; work about no case,
/// if it is about none. A type that needs a case is refused without one: the work would count nowhere.
fn hold(
    work: &mut Work<'_>,
    row: &AppointmentRow,
    new: AppointmentRow,
    holding: &AppointmentHolding,
) -> Result<Appointment, ApiError> {
    let parts = store::parts(work.conn, std::slice::from_ref(row))?;
    let mut given = as_given(row, &parts);
    given.participants = holding.participants.clone().unwrap_or(given.participants);
    let today = services::ops::today(work, row.service_id)?;
    let mut faults = around_school(&intervention(row, &given), None);
    faults.extend(before_its_day(row.planned_on, today));
    let next_action = holding.next_action_on;
    faults.extend(
        next_action.and_then(|on| dates::not_before("/next_action_on", on, row.planned_on, "next_action_before")),
    );
    faults.extend(next_action.and_then(|on| dates::not_too_far_ahead("/next_action_on", on, today)));
    for (rank, note) in holding.notes.iter().enumerate().filter(|(_, one)| !given.cases.contains(&one.case_id)) {
        let message =
            Text::new("Ce suivi n'est pas concerné par le rendez-vous.", "The appointment is not about this case.");
        let fault = Fault::new(format!("/notes/{rank}/case_id"), "unknown_case", message);
        faults.push(naming_survivor(work, &ServiceScope::one(row.service_id), note.case_id, fault)?);
    }
    ApiError::reject_if_any(faults)?;
    let minutes = holding.minutes.unwrap_or(row.minutes);
    let new = AppointmentRow { minutes, planned_minutes: Some(row.minutes), ..new };
    let new = replace(work, row, new)?;
    let parts = record_for_cases(work, &new, &given, holding, parts)?;
    show_with(work, new, parts)
}

/// Records the act that an appointment became: the intervention of each case, with its share of the minutes and of the
/// participants. Returns the parts with the interventions.
fn record_for_cases(
    work: &mut Work<'_>,
    row: &AppointmentRow,
    given: &NewParts,
    holding: &AppointmentHolding,
    mut parts: Parts,
) -> Result<Parts, ApiError> {
    let found =
        if given.cases.is_empty() { Vec::new() } else { named::cases(work.conn, row.service_id, &given.cases)? };
    let in_order = |id: &Id| found.iter().find(|case| case.id() == *id).cloned().ok_or_else(ApiError::not_found);
    let cases = given.cases.iter().map(in_order).collect::<Result<Vec<CaseRow>, ApiError>>()?;
    let input = InterventionInput {
        minutes: row.minutes,
        travel_minutes: holding.travel_minutes,
        mode: holding.mode.clone(),
        next_action_on: holding.next_action_on,
        resource_person_ids: holding.resource_person_ids.clone(),
        ..intervention(row, given)
    };
    let act = Act {
        service: row.service_id,
        cases: &cases,
        work: &input,
        notes: &holding.notes,
        named: Some(&given.cases),
        checked: &given.professionals,
    };
    let recorded = record_act(work, &act, Faults::default()).map_err(|error| of_cases(error, &given.cases))?;
    if let (true, Some(whole)) = (given.cases.is_empty(), recorded.first()) {
        store::link_work(work.conn, row.id, whole.id())?;
        parts.works.insert(row.id, whole.id());
    }
    for (case, share) in given.cases.iter().zip(&recorded) {
        store::link(work.conn, &mut work.later, row.id, *case, share.id())?;
        for link in parts.cases.get_mut(&row.id).into_iter().flatten().filter(|link| link.case_id == *case) {
            link.intervention_id = Some(share.id());
        }
    }
    Ok(parts)
}

/// A refusal of the interventions, which names the first case concerned: the faults are not at places of this request.
fn of_cases(error: ApiError, cases: &[Id]) -> ApiError {
    if error.code != Code::RuleBroken {
        return error;
    }
    let rank = |fault: &Fault| fault.pointer.strip_prefix("/case_ids/")?.parse::<usize>().ok();
    let first = error.faults.iter().find_map(rank).or(Some(0)).and_then(|rank| cases.get(rank));
    let pointer = |fault: &Fault| match fault.pointer.as_str() {
        // The body has this one; the day is the appointment's.
        "/next_action_on" => "/next_action_on".to_owned(),
        "/held_on" => "/planned_on".to_owned(),
        named if named.starts_with("/resource_person_ids") => named.to_owned(),
        _ => String::new(),
    };
    let faults = error.faults.iter().cloned().map(|fault| Fault { pointer: pointer(&fault), ..fault });
    let refused = ApiError::faults(Code::RuleBroken, faults.collect());
    match first {
        Some(case) => refused.with("case_id", case.as_str()),
        None => refused,
    }
}

#[cfg(test)]
mod tests {
    use crate::appointments::act::*;
    use crate::appointments::model::AppointmentStatus;

    #[test]
    fn every_action_has_a_command() {
        let cancellation = AppointmentCancellation { cancelled_by: "family".parse().unwrap() };
        let to =
            AppointmentMove { planned_on: "2026-03-19".parse().unwrap(), starts_at: "14:00".into(), minutes: None };
        let commands = [
            Command::Confirm,
            Command::Hold(AppointmentHolding::default()),
            Command::Cancel(cancellation),
            Command::Miss(AppointmentMiss { excused: true }),
            Command::Move(to),
            Command::Reopen,
        ];
        let actions: Vec<AppointmentAction> = commands.iter().map(Command::action).collect();
        assert_eq!(actions, AppointmentAction::ALL);
        assert!(
            AppointmentStatus::ALL.iter().all(|status| actions.iter().any(|action| status.after(*action).is_some()))
        );
    }
}
