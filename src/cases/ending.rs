//! Closing a case, and reopening one that was closed too early.

use chrono::NaiveDate;

use super::common::{require_action, state_after};
use super::dto::{Case, CaseClosure};
use super::model::{self, CaseAction};
use super::ops::{Viewer, next, to_case};
use super::store::{self, CaseRow};
use super::{history, steps, suspensions};
use crate::data_keys::unwrap_keys;
use crate::dates;
use crate::db::Lock;
use crate::error::{ApiError, Code, Fault, Text};
use crate::trail::DeletionReason;
use crate::work::Work;

/// Closes a case: records its outcome and its last step.
pub fn close(work: &mut Work<'_>, viewer: &Viewer, case: &CaseRow, closure: &CaseClosure) -> Result<Case, ApiError> {
    let today = require_action(work, &viewer.scope, case, CaseAction::Close)?;
    let closed_on = closure.closed_on.unwrap_or(today);
    let records = store::records(work.conn, case)?;
    let (first, rule) = match records.last {
        Some(last) if last > case.opened_on => (last, "before_last_record"),
        _ => (case.opened_on, "before_opening"),
    };
    let mut faults: Vec<Fault> = [
        dates::not_in_the_future("/closed_on", closed_on, today),
        dates::not_before("/closed_on", closed_on, first, rule),
    ]
    .into_iter()
    .flatten()
    .collect();
    let not_of_this_case = model::outcome_fault(&closure.outcome, case.subject, "/outcome");
    if closure.outcome.is(model::EFFECTIVE_PLACEMENT)
        && not_of_this_case.is_none()
        && !records.has_effective_placement_on(closed_on, case.opened_on)
    {
        faults.push(placement_required(closed_on));
    }
    faults.extend(records.has_planned_placement().then(planned_placement));
    faults.extend(not_of_this_case);
    ApiError::reject_if_any(faults)?;
    let new = CaseRow {
        status: state_after(case, CaseAction::Close)?,
        closed_on: Some(closed_on),
        outcome: Some(closure.outcome.clone()),
        next_follow_up_on: None,
        ..case.clone()
    };
    let new = next(work, case, new);
    let step = steps::ops::row(work, case, model::CLOSURE, closed_on, None)?;
    let closed = history::ops::event(work, &new, CaseAction::Close.as_str(), closed_on);
    ApiError::require_first(store::decide(work.conn, case, &new, &closed, Some(&step))?)?;
    if let Some(current) = records.suspensions.iter().find(|suspension| suspension.resumed_on.is_none()) {
        suspensions::closing::end_with_closing(work, current, closed_on)?;
    }
    to_case(work, viewer, new)
}

/// Cnaf: the follow-up does not end when a place is expected.
fn planned_placement() -> Fault {
    let message = Text::new(
        "Un accueil est prévu : le confirmer (`POST /v1/placements/{id}/confirm`) ou l'annuler (`POST /v1/placements/{id}/cancel`) avant de clore le suivi.",
        "A placement is planned: confirm it (`POST /v1/placements/{id}/confirm`) or cancel it (`POST /v1/placements/{id}/cancel`) before closing the case.",
    );
    Fault::new("", "placement_planned", message)
}

/// Cnaf: a placement is effective once the child is in an organisation from a date, not when a place is expected. Choice: it
/// started during the case, and the child is still there on the day of the closure.
pub(super) fn placement_required(closed_on: NaiveDate) -> Fault {
    let day = dates::french(closed_on);
    let message = Text::new(
        format!(
            "Cette issue suppose un accueil commencé pendant le suivi et en cours le {day} : l'enregistrer (`POST /v1/cases/{{id}}/placements`), ou choisir une autre issue."
        ),
        format!(
            "This outcome requires a placement that started during the case and is current on {closed_on}: record it (`POST /v1/cases/{{id}}/placements`), or choose another outcome."
        ),
    );
    Fault::new("/outcome", "placement_required", message)
}

/// Reopens a case that was closed too early. The step of the closing that is undone goes: its author and day are in the
/// history of the case.
pub fn reopen(work: &mut Work<'_>, viewer: &Viewer, case: &CaseRow) -> Result<Case, ApiError> {
    let today = require_action(work, &viewer.scope, case, CaseAction::Reopen)?;
    if let Some(child) = case.child_id {
        work.lock_one(Lock::Child, child)?;
    }
    let undone = store::to_reopen(work.conn, &viewer.scope, case)?;
    unwrap_keys(work, undone.keys)?;
    if let Some(other) = undone.other {
        return Err(ApiError::new(Code::Conflict)
            .detail("L'enfant a déjà un autre suivi ouvert.", "The child already has another open case.")
            .with("case_id", other.as_str()));
    }
    let new = CaseRow {
        status: state_after(case, CaseAction::Reopen)?,
        closed_on: None,
        outcome: None,
        next_follow_up_on: None,
        ..case.clone()
    };
    let new = next(work, case, new);
    let reopened = history::ops::event(work, &new, CaseAction::Reopen.as_str(), today);
    let removal = match &undone.closure {
        Some(step) => Some(steps::correct::removal(work, case, step, DeletionReason::EnteredByMistake)?),
        None => None,
    };
    ApiError::require_first(store::reopen(work.conn, case, &new, &reopened, removal.as_ref())?)?;
    to_case(work, viewer, new)
}
