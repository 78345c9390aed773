//! Acting upon a collective action: it took place, it does not, it is planned again, it is evaluated.

use super::dto::acts::{ActionCancellation, ActionHolding, NewActionEvaluation};
use super::dto::{Action, ActionParticipants};
use super::faults::{Faults, repeated};
use super::model::ActionStep;
use super::ops::{self, note_at, replace};
use super::plan::{convention_of, participants_faults};
use super::registrations::seats;
use super::store::{ActionRow, details};
use crate::auth::ServiceScope;
use crate::data_keys::{create_data_key, data_keys};
use crate::error::{ApiError, Fault, Text};
use crate::privacy::DataKey;
use crate::work::Work;
use crate::{dates, services};

/// What is to be done with a collective action.
#[derive(Clone, Debug)]
pub enum Command {
    /// It took place.
    Hold(ActionHolding),
    /// It does not take place.
    Cancel(ActionCancellation),
    /// It is planned again.
    Reopen,
    /// It is evaluated.
    Evaluate(NewActionEvaluation),
}

impl Command {
    /// The action that it is.
    pub fn step(&self) -> ActionStep {
        match self {
            Self::Hold(_) => ActionStep::Hold,
            Self::Cancel(_) => ActionStep::Cancel,
            Self::Reopen => ActionStep::Reopen,
            Self::Evaluate(_) => ActionStep::Evaluate,
        }
    }
}

/// Acts upon an action. Out of turn it is a 409 that names the state.
pub fn act(work: &mut Work<'_>, row: &ActionRow, command: Command) -> Result<Action, ApiError> {
    let to = row.status.after(command.step()).ok_or_else(|| {
        let steps = row.status.available_actions();
        ApiError::wrong_state(row.status.as_str(), steps.iter().map(ActionStep::as_str))
    })?;
    seats::turn(work, row.service_id, row.id)?;
    let mut new = row.clone();
    new.status = to;
    match command {
        Command::Hold(how) => hold(work, &mut new, how)?,
        Command::Cancel(why) => {
            new.cancellation_reason = Some(why.reason);
            seats::cancel_all(work, row)?;
        }
        Command::Reopen => new.cancellation_reason = None,
        Command::Evaluate(said) => evaluate(work, &mut new, &said)?,
    }
    replace(work, row, new)?;
    ops::get(work, &ServiceScope::one(row.service_id), row.id)
}

/// It took place: who came, and for how long if not as planned.
fn hold(work: &mut Work<'_>, new: &mut ActionRow, how: ActionHolding) -> Result<(), ApiError> {
    let scope = ServiceScope::one(new.service_id);
    let today = services::store::settings(work.conn, &scope, new.service_id)?.date_of(work.now);
    let mut faults = Faults::default();
    faults.add(dates::not_in_the_future("", new.held_on, today));
    faults.add(participants_faults(how.participants.as_deref().unwrap_or_default()));
    let participants = who_came(work, new, how.participants)?;
    if participants.is_empty() {
        let message = Text::new(
            "Dire qui est venu : aucune présence n'est notée parmi les inscriptions.",
            "Say who came: no attendance is noted among the registrations.",
        );
        faults.add([Fault::new("/participants", "required", message)]);
    }
    new.convention_id = faults.take(convention_of(work, new, ""))?.flatten();
    faults.settle()?;
    new.duration_minutes = how.duration_minutes.unwrap_or(new.duration_minutes);
    new.preparation_minutes = how.preparation_minutes.unwrap_or(new.preparation_minutes);
    new.travel_minutes = how.travel_minutes.unwrap_or(new.travel_minutes);
    Ok(details::set_participants(work.conn, new.id, &participants)?)
}

/// Who came: as is said, or else by the attendance of the registrations, or else as was said before it was reopened.
fn who_came(
    work: &mut Work<'_>,
    row: &ActionRow,
    said: Option<Vec<ActionParticipants>>,
) -> Result<Vec<ActionParticipants>, ApiError> {
    if let Some(said) = said {
        return Ok(said);
    }
    let noted = seats::attendance(work, row)?;
    if !noted.is_empty() {
        return Ok(noted);
    }
    Ok(details::participants(work.conn, &[row.id])?.remove(&row.id).unwrap_or_default())
}

/// What was thought of it, in the place of what was said before.
fn evaluate(work: &mut Work<'_>, new: &mut ActionRow, said: &NewActionEvaluation) -> Result<(), ApiError> {
    let given = said.ratings.iter().map(|one| &one.rating);
    ApiError::unless_none(repeated(given, |rank| format!("/ratings/{rank}/rating")))?;
    details::set_ratings(work.conn, new.id, &said.ratings)?;
    new.evaluation_note = match &said.note {
        None => None,
        Some(note) => Some(key_of(work, new)?.seal(note_at(&new.id), note)?),
    };
    Ok(())
}

/// The key of what is personal in an action, made when it has had nothing personal so far.
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
    fn every_step_is_a_deed() {
        let note = NewActionEvaluation { ratings: Vec::new(), note: None };
        let why = ActionCancellation { reason: "other".parse().unwrap() };
        let deeds =
            [Command::Hold(ActionHolding::default()), Command::Cancel(why), Command::Reopen, Command::Evaluate(note)];
        let steps: Vec<ActionStep> = deeds.iter().map(Command::step).collect();
        assert_eq!(steps, ActionStep::ALL);
        assert!(ActionStatus::ALL.iter().all(|status| steps.iter().any(|step| status.after(*step).is_some())));
    }
}
