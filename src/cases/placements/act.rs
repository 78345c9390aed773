//! Confirming, cancelling and ending placements.

use chrono::NaiveDate;

use super::dto::{Placement, PlacementCancellation, PlacementEnd, PlacementStart};
use super::found::{Found, replace};
use super::model::PlacementStage;
use super::store::PlacementRow;
use crate::auth::ServiceScope;
use crate::cases::common::require_action;
use crate::cases::corrections::difference::between;
use crate::cases::corrections::dto::FieldChange;
use crate::cases::model::CaseAction;
use crate::dates;
use crate::error::{ApiError, Fault};
use crate::privacy::Secret;
use crate::work::Work;

/// Confirms that the child came to a planned place: it is a placement from that day on, and records its step.
pub fn confirm(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    found: &Found,
    start: &PlacementStart,
) -> Result<Placement, ApiError> {
    let today = require_planned(work, scope, found)?;
    let mut new = found.next(work);
    new.stage = PlacementStage::Started;
    new.starts_on = start.starts_on.unwrap_or(new.starts_on);
    let faults = [
        dates::not_in_the_future("/starts_on", new.starts_on, today),
        dates::not_before("/starts_on", new.starts_on, found.case().opened_on, "before_opening"),
        new.ends_on.and_then(|last| dates::not_after("/starts_on", new.starts_on, last, "after_end")),
    ];
    let before_birth = found.around.birth_faults([("/starts_on", Some(new.starts_on))]);
    ApiError::reject_if_any(faults.into_iter().flatten().chain(before_birth))?;
    write(work, scope, found, &new, today)
}

/// Records that a planned place did not come about.
pub fn cancel(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    found: &Found,
    why: &PlacementCancellation,
) -> Result<Placement, ApiError> {
    let today = require_planned(work, scope, found)?;
    let mut new = found.next(work);
    new.stage = PlacementStage::Cancelled;
    new.cancelled_on = Some(today);
    new.cancel_reason = Some(why.reason.clone());
    write(work, scope, found, &new, today)
}

fn require_planned(work: &mut Work<'_>, scope: &ServiceScope, found: &Found) -> Result<NaiveDate, ApiError> {
    let today = require_action(work, scope, found.case(), CaseAction::RecordPlacement)?;
    if found.row.stage == PlacementStage::Planned { Ok(today) } else { Err(found.wrong_state(today)) }
}

/// Records the last day of a placement, whether its case is open or closed. A last day in the future can be set again; one
/// that has passed is corrected.
pub fn end(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    found: &Found,
    end: &PlacementEnd,
) -> Result<Placement, ApiError> {
    let today = found.around.today(work)?;
    if let Some(ended) = found.row.ends_on.filter(|ended| *ended < today) {
        return Err(found.wrong_state(today).detail(
            format!(
                "Cet accueil est terminé depuis le {} : corriger son dernier jour (`PATCH /v1/placements/{{id}}`).",
                dates::french(ended)
            ),
            format!("This placement ended on {ended}: correct its last day (`PATCH /v1/placements/{{id}}`)."),
        ));
    }
    if found.row.stage != PlacementStage::Started {
        return Err(found.wrong_state(today));
    }
    ApiError::reject_if_any(end_faults(&found.row, end.ends_on, today))?;
    let new = ended(work, found, end);
    write(work, scope, found, &new, today)
}

/// The faults of the last day of a placement.
pub(super) fn end_faults(row: &PlacementRow, ends_on: NaiveDate, today: NaiveDate) -> Vec<Fault> {
    let faults =
        [dates::not_inverted("/ends_on", row.starts_on, ends_on), dates::not_too_far_ahead("/ends_on", ends_on, today)];
    faults.into_iter().flatten().collect()
}

/// A placement with its last day.
pub(super) fn ended(work: &Work<'_>, found: &Found, end: &PlacementEnd) -> PlacementRow {
    let mut new = found.next(work);
    new.ends_on = Some(end.ends_on);
    new.end_reason = end.end_reason.clone().or(new.end_reason);
    new
}

/// Writes the next version of a placement, with its former values and its former state; nothing if it is the same.
pub(super) fn write(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    found: &Found,
    new: &PlacementRow,
    today: NaiveDate,
) -> Result<Placement, ApiError> {
    let opened_on = found.case().opened_on;
    let before = found.row.clone().shown(opened_on, today);
    let after = new.clone().shown(opened_on, today);
    let mut changes = between(&before, Some(&after));
    if found.row.stage != new.stage {
        let state = |shown: &Placement| Some(Secret::new(shown.state.as_str().to_owned()));
        changes.push(FieldChange { field: "state".to_owned(), before: state(&before), after: state(&after) });
        changes.sort_by(|one, other| one.field.cmp(&other.field));
    }
    if changes.is_empty() {
        return Ok(before);
    }
    replace(work, scope, found, new, &changes)?;
    Ok(after)
}
