//! Correcting a placement, removing it, and its history. The step that it recorded follows.

use super::dto::{Placement, PlacementInput, PlacementPatch};
use super::ops::{faults, refuse_recorded, refuse_without_outcome};
use super::store::{self, PlacementRow};
use crate::auth::ServiceScope;
use crate::cases::common::{Around, around, own_faults, touch};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::dto::{CorrectionPage, Removal};
use crate::cases::corrections::ops::{self as corrections, Corrected, Corrector, Origin};
use crate::cases::corrections::published::counted_in;
use crate::cases::steps;
use crate::cases::steps::store::StepRow;
use crate::cases::store::CaseRow;
use crate::dates;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::PageRequest;
use crate::http::{Field, Versioned};
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// A placement in scope, with what a correction of it needs.
#[derive(Debug)]
pub struct Found {
    row: PlacementRow,
    step: Option<StepRow>,
    around: Around,
}

impl Versioned for Found {
    fn version(&self) -> i32 {
        self.row.version
    }
}

/// A placement in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Found, ApiError> {
    let (row, step) = store::with_step(work.conn, scope, id)?;
    let around = around(work, row.service_id, row.case_id)?;
    Ok(Found { row, step, around })
}

/// Corrects a placement. The result must meet the rules of a new one.
pub fn correct(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &Found,
    patch: PlacementPatch,
) -> Result<Placement, ApiError> {
    let (row, case) = (&found.row, &found.around.case);
    corrector.require(work, row.service_id, &row.author)?;
    let wanted = PlacementInput {
        organisation_id: patch.organisation_id.unwrap_or(row.organisation_id),
        childcare_type: patch.childcare_type.unwrap_or_else(|| row.childcare_type.clone()),
        starts_on: patch.starts_on.unwrap_or(row.starts_on),
        ends_on: patch.ends_on.over(row.ends_on),
    };
    let new = PlacementRow {
        organisation_id: wanted.organisation_id,
        childcare_type: wanted.childcare_type.clone(),
        starts_on: wanted.starts_on,
        ends_on: wanted.ends_on,
        version: row.version + 1,
        updated_at: work.now,
        ..row.clone()
    };
    let before: Placement = row.clone().into();
    let mut after: Placement = new.clone().into();
    let changes = between(&before, Some(&after));
    if changes.is_empty() {
        return Ok(before);
    }
    let today = found.around.today(work)?;
    let mut broken = faults(work, case, &wanted, today)?;
    broken.add(own_faults(&wanted));
    broken.add(wanted.ends_on.and_then(|end| dates::not_inverted("/ends_on", wanted.starts_on, end)));
    broken.finish()?;
    refuse_without_outcome(work, scope, case, row, Some(&new))?;
    let correction = corrections::row(work, corrected(case, row, None), &changes)?;
    touch(work, scope, case, &Field::Keep)?;
    if (new.organisation_id, new.starts_on) != (row.organisation_id, row.starts_on) {
        refuse_recorded(work, case, &wanted)?;
    }
    ApiError::require_first(store::correct(work.conn, row, &new, &correction)?)?;
    if let Some(step) = found.step.as_ref().filter(|step| step.reached_on != new.starts_on) {
        let (moved, correction) = steps::correct::moved(work, case, step, new.starts_on)?;
        ApiError::require_first(steps::store::correct(work.conn, step, &moved, &correction)?)?;
    }
    work.changed_in(case.id, Resource::Placement, row.service_id, row.id);
    after.counted_in = Some(counted_in(work, case, days(&[row, &new], today))?);
    Ok(after)
}

/// Removes a placement that was recorded by mistake, and its step. Their values stay in their histories.
pub fn remove(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &Found,
    reason: DeletionReason,
) -> Result<Removal, ApiError> {
    let (row, case) = (&found.row, &found.around.case);
    corrector.require(work, row.service_id, &row.author)?;
    refuse_without_outcome(work, scope, case, row, None)?;
    let before: Placement = row.clone().into();
    let correction = corrections::row(work, corrected(case, row, Some(reason)), &between(&before, None))?;
    touch(work, scope, case, &Field::Keep)?;
    if let Some(step) = &found.step {
        let correction = steps::correct::removal(work, case, step, reason)?;
        ApiError::require_first(steps::store::remove(work.conn, step, &correction)?)?;
    }
    ApiError::require_first(store::remove(work.conn, row, &correction)?)?;
    work.deleted_in(case.id, Resource::Placement, row.service_id, row.id, reason);
    let today = found.around.today(work)?;
    Ok(Removal { counted_in: counted_in(work, case, days(&[row], today))? })
}

/// The days that some versions of a placement cover, up to today.
fn days(rows: &[&PlacementRow], today: chrono::NaiveDate) -> (chrono::NaiveDate, chrono::NaiveDate) {
    let first = rows.iter().map(|row| row.starts_on).min().unwrap_or(today);
    let last = rows.iter().map(|row| row.ends_on.unwrap_or(today)).max().unwrap_or(today);
    (first, last.min(today).max(first))
}

fn corrected<'a>(case: &'a CaseRow, row: &'a PlacementRow, removed_for: Option<DeletionReason>) -> Corrected<'a> {
    Corrected {
        kind: Resource::Placement,
        id: row.id,
        case,
        version: row.version + 1,
        entered_by: &row.author,
        removed_for,
    }
}

/// A page of the history of a placement, removed or not.
pub fn history(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    id: Id,
    page: &PageRequest,
) -> Result<CorrectionPage, ApiError> {
    let live = store::origin(work.conn, scope, id)?.map(Origin::from);
    corrections::history(work, scope, corrector, (Resource::Placement, id), live, page)
}
