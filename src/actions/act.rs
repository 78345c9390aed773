//! Commands on a collective action: hold, cancel, reopen, evaluate.

use super::dto::acts::{ActionCancellation, ActionEvaluationInput, ActionHolding};
use super::dto::{Action, ActionParticipants};
use super::faults::repeated;
use super::model::ActionStep;
use super::ops::{self, note_place, replace};
use super::plan::{convention_of, participants_faults};
use super::registrations::seats;
use super::school;
use super::store::{ActionRow, details};
use crate::auth::ServiceScope;
use crate::data_keys::{create_data_key, data_keys};
use crate::error::{ApiError, Fault, Faults, Text};
use crate::privacy::DataKey;
use crate::work::Work;
use crate::{dates, services};

/// A command on a collective action.
#[derive(Clone, Debug)]
pub enum Command {
    /// It took place.
    Hold(ActionHolding),
    /// It is cancelled.
    Cancel(ActionCancellation),
    /// It is planned again.
    Reopen,
    /// It is evaluated.
    Evaluate(ActionEvaluationInput),
}

impl Command {
    /// The step of the life cycle that it performs.
    pub fn step(&self) -> ActionStep {
        match self {
            Self::Hold(_) => ActionStep::Hold,
            Self::Cancel(_) => ActionStep::Cancel,
            Self::Reopen => ActionStep::Reopen,
            Self::Evaluate(_) => ActionStep::Evaluate,
        }
    }
}

/// Applies a command to an action. A command that is not allowed in the current state is a 409 that names the state.
pub fn act(work: &mut Work<'_>, row: &ActionRow, command: Command) -> Result<Action, ApiError> {
    let Some(to) = row.status.after(command.step()) else {
        let steps = row.status.actions_on(row.held_on, services::ops::today(work, row.service_id)?);
        return Err(ApiError::wrong_state(row.status.as_str(), steps.iter().map(ActionStep::as_str)));
    };
    seats::lock_only(work, row.id)?;
    let mut new = row.clone();
    new.status = to;
    match command {
        Command::Hold(holding) => hold(work, &mut new, holding)?,
        Command::Cancel(cancellation) => {
            new.cancellation_reason = Some(cancellation.reason);
            seats::cancel_all(work, row)?;
        }
        Command::Reopen => {
            new.cancellation_reason = None;
            // The minutes that it took were part of what was recorded by mistake.
            new.duration_minutes = new.planned_duration_minutes.take().unwrap_or(new.duration_minutes);
            new.preparation_minutes = new.planned_preparation_minutes.take().unwrap_or(new.preparation_minutes);
            new.travel_minutes = new.planned_travel_minutes.take().unwrap_or(new.travel_minutes);
        }
        Command::Evaluate(evaluation) => evaluate(work, &mut new, &evaluation)?,
    }
    let new = replace(work, row, new)?;
    ops::show(work, new)
}

/// Records the participants, and the actual durations where they differ from the plan.
fn hold(work: &mut Work<'_>, new: &mut ActionRow, holding: ActionHolding) -> Result<(), ApiError> {
    let scope = ServiceScope::one(new.service_id);
    let today = services::ops::settings(work, &scope, new.service_id)?.date_of(work.now);
    let mut faults = Faults::default();
    faults.add(dates::not_in_the_future("", new.held_on, today));
    faults.add(participants_faults(holding.participants.as_deref().unwrap_or_default()));
    let given = holding.participants.is_some();
    let participants = participants_of(work, new, holding.participants)?;
    faults.add(school::held_faults(new, &participants, given));
    if participants.is_empty() {
        let message = Text::new(
            "Indiquer les participants : aucune présence n'est enregistrée parmi les inscriptions.",
            "Give the participants: no attendance is recorded among the registrations.",
        );
        faults.add([Fault::new("/participants", "required", message)]);
    }
    new.convention_id = faults.take(convention_of(work, new, ""))?.flatten();
    faults.finish()?;
    new.planned_duration_minutes = Some(new.duration_minutes);
    new.planned_preparation_minutes = Some(new.preparation_minutes);
    new.planned_travel_minutes = Some(new.travel_minutes);
    new.duration_minutes = holding.duration_minutes.unwrap_or(new.duration_minutes);
    new.preparation_minutes = holding.preparation_minutes.unwrap_or(new.preparation_minutes);
    new.travel_minutes = holding.travel_minutes.unwrap_or(new.travel_minutes);
    Ok(details::set_participants(work.conn, new.id, &participants)?)
}

/// The participants: those given, otherwise the attendance recorded in the registrations, otherwise those recorded
/// before the action was reopened.
fn participants_of(
    work: &mut Work<'_>,
    row: &ActionRow,
    given: Option<Vec<ActionParticipants>>,
) -> Result<Vec<ActionParticipants>, ApiError> {
    if let Some(given) = given {
        return Ok(given);
    }
    let attended = seats::attendance(work, row)?;
    if !attended.is_empty() {
        return Ok(attended);
    }
    Ok(details::participants(work.conn, &[row.id])?.remove(&row.id).unwrap_or_default())
}

/// Replaces the evaluation.
fn evaluate(work: &mut Work<'_>, new: &mut ActionRow, evaluation: &ActionEvaluationInput) -> Result<(), ApiError> {
    let ratings = evaluation.ratings.iter().map(|one| &one.rating);
    ApiError::reject_if_any(repeated(ratings, |rank| format!("/ratings/{rank}/rating")))?;
    details::set_ratings(work.conn, new.id, &evaluation.ratings)?;
    new.evaluation_note = match &evaluation.note {
        None => None,
        Some(note) => Some(key_of(work, new)?.seal(note_place(&new.id), note)?),
    };
    Ok(())
}

/// The data key of an action, created when it is first needed.
fn key_of(work: &mut Work<'_>, row: &ActionRow) -> Result<DataKey, ApiError> {
    match data_keys(work, &[row.id])?.remove(&row.id) {
        Some(key) => Ok(key),
        None => create_data_key(work, row.service_id, row.id),
    }
}

#[cfg(test)]
mod tests {
    use crate::actions::act::*;
    use crate::actions::model::ActionStatus;

    #[test]
    fn every_step_has_a_command() {
        let evaluation = ActionEvaluationInput { ratings: Vec::new(), note: None };
        let cancellation = ActionCancellation { reason: "other".parse().unwrap() };
        let commands = [
            Command::Hold(ActionHolding::default()),
            Command::Cancel(cancellation),
            Command::Reopen,
            Command::Evaluate(evaluation),
        ];
        let steps: Vec<ActionStep> = commands.iter().map(Command::step).collect();
        assert_eq!(steps, ActionStep::ALL);
        assert!(ActionStatus::ALL.iter().all(|status| steps.iter().any(|step| status.after(*step).is_some())));
    }
}
