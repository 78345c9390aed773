//! Reading one step, correcting it, removing it, and its history.

use super::dto::{Step, StepPatch};
use super::ops::{faults, note_at, recorded_elsewhere, to_step};
use super::store::{self, StepRow};
use crate::auth::ServiceScope;
use crate::cases::common::{Around, around, touch};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::dto::Removal;
use crate::cases::corrections::ops::{self as corrections, Corrector};
use crate::cases::corrections::published::counted_in;
use crate::cases::corrections::store::CorrectionRow;
use crate::cases::model;
use crate::cases::store::CaseRow;
use crate::data_keys;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::{Field, Versioned};
use crate::privacy::{self, Secret};
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// A step in scope, with what a correction of it needs.
#[derive(Debug)]
pub struct Found {
    row: StepRow,
    around: Around,
}

impl Versioned for Found {
    fn version(&self) -> i32 {
        self.row.version
    }
}

/// A step in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Found, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    let around = around(work, row.service_id, row.case_id)?;
    Ok(Found { row, around })
}

/// One step in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Step, ApiError> {
    let found = find(work, scope, id)?;
    shown(work, &found.around.case, &found.row)
}

fn shown(work: &mut Work<'_>, case: &CaseRow, row: &StepRow) -> Result<Step, ApiError> {
    let owner = case.key_owner();
    let key = data_keys::data_keys(work, &[owner])?.remove(&owner);
    let note: Option<Secret<String>> =
        privacy::open_unless_erased(key.as_ref(), note_at(&row.id), row.note.as_deref())?;
    Ok(to_step(row.clone(), note))
}

/// Corrects a step. The result must meet the rules of a new one.
pub fn correct(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &Found,
    patch: StepPatch,
) -> Result<Step, ApiError> {
    let (row, case) = (&found.row, &found.around.case);
    corrector.require(work, row.service_id, &row.author)?;
    let before = shown(work, case, row)?;
    let mut new = StepRow {
        step: patch.step.unwrap_or_else(|| row.step.clone()),
        reached_on: patch.reached_on.unwrap_or(row.reached_on),
        version: row.version + 1,
        updated_at: work.now,
        ..row.clone()
    };
    let note = patch.note.over(before.note.clone());
    let mut after = to_step(new.clone(), note.clone());
    let changes = between(&before, Some(&after));
    if changes.is_empty() {
        return Ok(before);
    }
    refuse_automatic(row)?;
    let today = found.around.today(work)?;
    ApiError::reject_if_any(faults(&found.around, new.step.as_str(), new.reached_on, today))?;
    let correction = corrections::row(work, corrections::corrected(case, row, None), &changes)?;
    if before.note != note {
        new.note = data_keys::data_key(work, case.key_owner())?.seal_some(note_at(&row.id), note.as_ref())?;
    }
    touch(work, scope, case, &Field::Keep)?;
    ApiError::require_first(store::correct(work.conn, row, &new, &correction)?)?;
    work.changed_in(case.id, Resource::CaseStep, row.service_id, row.id);
    let days = (row.reached_on.min(new.reached_on), row.reached_on.max(new.reached_on));
    after.counted_in = Some(counted_in(work, case, days, row.created_at)?);
    Ok(after)
}

/// Removes a step that was recorded by mistake. Its values stay in its history.
pub fn remove(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &Found,
    reason: DeletionReason,
) -> Result<Removal, ApiError> {
    let (row, case) = (&found.row, &found.around.case);
    corrector.require(work, row.service_id, &row.author)?;
    refuse_automatic(row)?;
    let correction = removal(work, case, row, reason)?;
    touch(work, scope, case, &Field::Keep)?;
    ApiError::require_first(store::remove(work.conn, row, &correction)?)?;
    Ok(Removal { counted_in: counted_in(work, case, (row.reached_on, row.reached_on), row.created_at)? })
}

/// The correction that removes a step, for the transaction that does, and its change of the feed.
pub(in crate::cases) fn removal(
    work: &mut Work<'_>,
    case: &CaseRow,
    row: &StepRow,
    reason: DeletionReason,
) -> Result<CorrectionRow, ApiError> {
    let before = shown(work, case, row)?;
    work.deleted_in(case.id, Resource::CaseStep, row.service_id, row.id, reason);
    corrections::row(work, corrections::corrected(case, row, Some(reason)), &between(&before, None))
}

/// The correction that moves the day of a step which follows its placement or the closing of its case, and the step after it.
pub(in crate::cases) fn moved(
    work: &mut Work<'_>,
    case: &CaseRow,
    row: &StepRow,
    reached_on: chrono::NaiveDate,
) -> Result<(StepRow, CorrectionRow), ApiError> {
    let new = StepRow { reached_on, version: row.version + 1, updated_at: work.now, ..row.clone() };
    let changes = between(&to_step(row.clone(), None), Some(&to_step(new.clone(), None)));
    work.changed_in(case.id, Resource::CaseStep, row.service_id, row.id);
    let correction = corrections::row(work, corrections::corrected(case, row, None), &changes)?;
    Ok((new, correction))
}

/// A placement and a closing record their step: they are corrected, and the step follows.
fn refuse_automatic(row: &StepRow) -> Result<(), ApiError> {
    if recorded_elsewhere(row.step.as_str()).is_none() {
        return Ok(());
    }
    let error = ApiError::new(Code::Conflict);
    Err(if row.step.is(model::CLOSURE) {
        error.detail(
            "Cette étape vient de la clôture du suivi : corriger la date de clôture (`PATCH /v1/cases/{id}`) ou rouvrir le suivi.",
            "The closing of the case recorded this step: correct the day of the closing (`PATCH /v1/cases/{id}`), or reopen the case.",
        )
    } else {
        let error = error.detail(
            "Cette étape vient d'un accueil : corriger ou supprimer cet accueil (`/v1/placements/{id}`).",
            "A placement recorded this step: correct or remove the placement (`/v1/placements/{id}`).",
        );
        match row.placement_id {
            Some(placement) => error.with("placement_id", placement.as_str()),
            None => error,
        }
    })
}
