//! A placement in scope, with what a change of it needs, and the writing of its next version: what follows from a placement
//! (its step, its reviews, its history) is written with it.

use chrono::NaiveDate;

use super::model::{PlacementAction, PlacementStage};
use super::reviews::model::{LEFT, is_there};
use super::reviews::plan;
use super::reviews::store::{self as review_store, ReviewRow};
use super::store::{self, Others, PlacementRow};
use crate::auth::ServiceScope;
use crate::cases::common::{Around, around, touch};
use crate::cases::corrections::dto::FieldChange;
use crate::cases::corrections::ops as corrections;
use crate::cases::model;
use crate::cases::steps;
use crate::cases::steps::store::StepRow;
use crate::cases::store::CaseRow;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::{Field, Versioned};
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// A placement in scope, with what a change of it needs.
#[derive(Debug)]
pub struct Found {
    pub(super) row: PlacementRow,
    pub(super) step: Option<StepRow>,
    pub(super) reviews: Vec<ReviewRow>,
    pub(super) around: Around,
}

impl Versioned for Found {
    fn version(&self) -> i32 {
        self.row.version
    }
}

/// A placement in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Found, ApiError> {
    let (row, step, reviews) = store::whole(work.conn, scope, id)?;
    let around = around(work, row.service_id, row.case_id)?;
    Ok(Found { row, step, reviews, around })
}

impl Found {
    /// Its case.
    pub(super) fn case(&self) -> &CaseRow {
        &self.around.case
    }

    /// The refusal of an action in its state.
    pub(super) fn wrong_state(&self, today: NaiveDate) -> ApiError {
        let state = self.row.facts().state(self.case().opened_on, today);
        let actions = state.available_actions();
        ApiError::wrong_state(state.as_str(), actions.iter().map(PlacementAction::as_str))
    }

    /// Its next version, to be changed and written.
    pub(super) fn next(&self, work: &Work<'_>) -> PlacementRow {
        PlacementRow { version: self.row.version + 1, updated_at: work.now, ..self.row.clone() }
    }
}

/// Writes the next version of a placement, the former values, and what follows: the step and the reviews that are due.
pub(super) fn replace(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    found: &Found,
    new: &PlacementRow,
    changes: &[FieldChange],
) -> Result<(), ApiError> {
    let (row, case) = (&found.row, found.case());
    refuse_without_outcome(work, scope, case, row, Some(new))?;
    refuse_against_answers(&found.reviews, new)?;
    let correction = corrections::row(work, corrections::corrected(case, row, None), changes)?;
    touch(work, scope, case, &Field::Keep)?;
    let elsewhere = (new.organisation_id, new.starts_on) != (row.organisation_id, row.starts_on);
    let other_days = (new.is_main, new.starts_on, new.ends_on) != (row.is_main, row.starts_on, row.ends_on);
    if elsewhere || (new.is_main && other_days) {
        let others = store::others(work.conn, new)?;
        refuse_conflict(new, &others, elsewhere)?;
    }
    let due: Vec<ReviewRow> = plan::rows(work, case, new, &found.reviews)?;
    let differs = plan::differs(&found.reviews, &due);
    let forgets_due = differs && found.reviews.iter().any(|row| row.answer.is_none());
    ApiError::require_first(store::correct(work.conn, row, new, &correction, forgets_due)?)?;
    let step = follow_step(work, found, new)?;
    review_store::follow(work.conn, step.as_slice(), if differs { &due } else { &[] })?;
    work.changed_in(case.id, Resource::Placement, row.service_id, row.id);
    Ok(())
}

/// Fails with a 409 that names it, if a review was answered otherwise than a placement says: the child was still there after its
/// last day or before its first one, or has left and the placement goes on.
fn refuse_against_answers(reviews: &[ReviewRow], placement: &PlacementRow) -> Result<(), ApiError> {
    let contradicts = |review: &&ReviewRow| {
        let (Some(answer), Some(answered_on)) = (&review.answer, review.answered_on) else { return false };
        let there_on = review.due_on.min(answered_on);
        there_on < placement.starts_on
            || (is_there(answer) && placement.ends_on.is_some_and(|last| last < there_on))
            || (answer.is(LEFT) && placement.ends_on.is_none())
    };
    let Some(review) = reviews.iter().find(contradicts) else { return Ok(()) };
    Err(ApiError::new(Code::Conflict)
        .detail(
            format!(
                "Le point à {} mois sur cet accueil dit autre chose (voir `existing_id`) : le corriger ou le supprimer d'abord (`/v1/placement-reviews/{{id}}`).",
                review.months
            ),
            format!(
                "The review of this placement after {} months says otherwise (see `existing_id`): correct or remove it first (`/v1/placement-reviews/{{id}}`).",
                review.months
            ),
        )
        .with("existing_id", review.id.as_str()))
}

/// The step `effective_placement` follows its placement: it moves or goes. One that is added is returned, to be inserted.
fn follow_step(work: &mut Work<'_>, found: &Found, new: &PlacementRow) -> Result<Option<StepRow>, ApiError> {
    let case = found.case();
    let effective = |row: &PlacementRow| row.facts().is_effective(case.opened_on);
    match &found.step {
        Some(step) if !effective(new) => {
            let correction = steps::correct::removal(work, case, step, DeletionReason::EnteredByMistake)?;
            ApiError::require_first(steps::store::remove(work.conn, step, &correction)?)?;
            Ok(None)
        }
        Some(step) if step.reached_on != new.starts_on => {
            let (moved, correction) = steps::correct::moved(work, case, step, new.starts_on)?;
            ApiError::require_first(steps::store::correct(work.conn, step, &moved, &correction)?)?;
            Ok(None)
        }
        None if effective(new) && !effective(&found.row) => {
            let step = steps::ops::row(work, case, model::EFFECTIVE_PLACEMENT, new.starts_on, None)?;
            Ok(Some(StepRow { placement_id: Some(new.id), ..step }))
        }
        _ => Ok(None),
    }
}

/// Fails with a 409 that names it and says the way out, if another placement of the case is in conflict: the same one, or a
/// second main place. One that did not come about is in conflict with none. The caller has locked the case.
pub(super) fn refuse_conflict(new: &PlacementRow, others: &Others, elsewhere: bool) -> Result<(), ApiError> {
    if new.stage == PlacementStage::Cancelled {
        return Ok(());
    }
    if let Some(same) = others.same.filter(|_| elsewhere) {
        return Err(ApiError::new(Code::Conflict)
            .detail(
                "Cet accueil est déjà enregistré (voir `existing_id`) : le corriger, ou le supprimer s'il n'a pas eu lieu.",
                "This placement is already recorded (see `existing_id`): correct it, or remove it if it did not come about.",
            )
            .with("existing_id", same.as_str()));
    }
    match others.main.filter(|_| new.is_main) {
        None => Ok(()),
        Some(main) => Err(ApiError::new(Code::Conflict)
            .detail(
                "L'enfant a déjà un accueil principal sur une partie de ces jours (voir `existing_id`) : lui donner un dernier jour, ou donner à `is_main` la valeur `false` pour l'un des deux (`PATCH /v1/placements/{id}`).",
                "The child already has a main place on some of these days (see `existing_id`): give it a last day, or set `is_main` to false for one of them (`PATCH /v1/placements/{id}`).",
            )
            .with("existing_id", main.as_str())),
    }
}

/// Fails with a 409 that says the way out, if the case was closed as an effective placement and none would be left that is
/// current on the day of the closing.
pub(super) fn refuse_without_outcome(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    row: &PlacementRow,
    new: Option<&PlacementRow>,
) -> Result<(), ApiError> {
    let relies = case.outcome.as_ref().is_some_and(|outcome| outcome.is(model::EFFECTIVE_PLACEMENT));
    let Some(closed_on) = case.closed_on.filter(|_| relies) else { return Ok(()) };
    let is_current = |row: &PlacementRow| row.facts().is_effective_on(closed_on, case.opened_on);
    if !is_current(row)
        || new.is_some_and(is_current)
        || store::effective_on(work.conn, scope, case, closed_on, row.id)?
    {
        return Ok(());
    }
    Err(ApiError::new(Code::Conflict)
        .detail(
            "Le suivi a été clos avec l'issue « accueil effectif », qui repose sur cet accueil. Corriger d'abord l'issue (`PATCH /v1/cases/{id}`), ou rouvrir le suivi.",
            "The case was closed with the outcome `effective_placement`, which relies on this placement. Correct the outcome first (`PATCH /v1/cases/{id}`), or reopen the case.",
        )
        .with("case_id", case.id.as_str()))
}
