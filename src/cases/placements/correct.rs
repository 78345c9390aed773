//! Correcting a placement, removing it, and its history. The step that it recorded and its reviews follow.

use super::dto::{Placement, PlacementInput, PlacementPatch};
use super::found::{Found, refuse_without_outcome, replace};
use super::model::{PlacementStage, weekdays_of, weekdays_text};
use super::ops::{adaptations_text, faults};
use super::store::{self, PlacementRow};
use crate::auth::ServiceScope;
use crate::cases::common::{own_faults, touch};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::dto::Removal;
use crate::cases::corrections::ops::{self as corrections, Corrector};
use crate::cases::corrections::published::counted_in;
use crate::cases::steps;
use crate::dates;
use crate::error::{ApiError, Code};
use crate::http::Field;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Corrects a placement. The result must meet the rules of a new one.
pub fn correct(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &Found,
    patch: PlacementPatch,
) -> Result<Placement, ApiError> {
    let (row, case) = (&found.row, found.case());
    corrector.require(work, row.service_id, &row.author)?;
    let first_alone = patch.ends_on == Field::Keep;
    let removes_end = matches!(patch.ends_on, Field::Clear);
    let ends_on = patch.ends_on.over(row.ends_on);
    let former_reason = row.end_reason.clone().filter(|_| !removes_end);
    let mut new = PlacementRow {
        organisation_id: patch.organisation_id.unwrap_or(row.organisation_id),
        childcare_type: patch.childcare_type.unwrap_or_else(|| row.childcare_type.clone()),
        starts_on: patch.starts_on.unwrap_or(row.starts_on),
        ends_on,
        end_reason: patch.end_reason.over(former_reason),
        weekly_minutes: patch.weekly_minutes.over(row.weekly_minutes),
        is_main: patch.is_main.unwrap_or(row.is_main),
        ..found.next(work)
    };
    if let Some(days) = &patch.weekdays {
        new.weekdays = weekdays_text(days);
    }
    if let Some(codes) = &patch.adaptations {
        new.adaptations = adaptations_text(codes);
    }
    let today = found.around.today(work)?;
    let before = row.clone().shown(case.opened_on, today);
    let mut after = new.clone().shown(case.opened_on, today);
    let changes = between(&before, Some(&after));
    if changes.is_empty() {
        return Ok(before);
    }
    let wanted = input(&new, &after);
    let mut broken = faults(work, &found.around, &wanted, row.stage, today)?;
    broken.add(own_faults(&wanted));
    broken.add(wanted.ends_on.and_then(|end| {
        if first_alone {
            dates::not_after("/starts_on", wanted.starts_on, end, "after_end")
        } else {
            dates::not_inverted("/ends_on", wanted.starts_on, end)
        }
    }));
    if row.stage == PlacementStage::Planned && new.starts_on != row.starts_on {
        broken.add(dates::not_before("/starts_on", new.starts_on, today, "in_the_past"));
    }
    broken.finish()?;
    replace(work, scope, found, &new, &changes)?;
    after.counted_in = Some(counted_in(work, case, days(&[row, &new], today), row.created_at)?);
    Ok(after)
}

/// A placement as a new one would be recorded, for its rules.
fn input(row: &PlacementRow, shown: &Placement) -> PlacementInput {
    PlacementInput {
        organisation_id: row.organisation_id,
        childcare_type: row.childcare_type.clone(),
        starts_on: row.starts_on,
        ends_on: row.ends_on,
        end_reason: row.end_reason.clone(),
        weekly_minutes: row.weekly_minutes,
        weekdays: weekdays_of(&row.weekdays),
        adaptations: shown.adaptations.clone(),
        is_main: Some(row.is_main),
    }
}

/// Removes a placement that was recorded by mistake, its step, and the reviews that nobody answered. Their values stay in
/// their histories.
pub fn remove(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &Found,
    reason: DeletionReason,
) -> Result<Removal, ApiError> {
    let (row, case) = (&found.row, found.case());
    corrector.require(work, row.service_id, &row.author)?;
    refuse_without_outcome(work, scope, case, row, None)?;
    if let Some(answered) = found.reviews.iter().find(|review| review.answer.is_some()) {
        return Err(ApiError::new(Code::Conflict)
            .detail(
                "Des points sur cet accueil ont une réponse : les supprimer d'abord (`DELETE /v1/placement-reviews/{id}`).",
                "Reviews of this placement were answered: remove them first (`DELETE /v1/placement-reviews/{id}`).",
            )
            .with("existing_id", answered.id.as_str()));
    }
    let today = found.around.today(work)?;
    let before = row.clone().shown(case.opened_on, today);
    let correction = corrections::row(work, corrections::corrected(case, row, Some(reason)), &between(&before, None))?;
    touch(work, scope, case, &Field::Keep)?;
    if let Some(step) = &found.step {
        let correction = steps::correct::removal(work, case, step, reason)?;
        ApiError::require_first(steps::store::remove(work.conn, step, &correction)?)?;
    }
    ApiError::require_first(store::remove(work.conn, row, &found.reviews, &correction)?)?;
    work.deleted_in(case.id, Resource::Placement, row.service_id, row.id, reason);
    Ok(Removal { counted_in: counted_in(work, case, days(&[row], today), row.created_at)? })
}

/// The days that some versions of a placement cover, up to today.
fn days(rows: &[&PlacementRow], today: chrono::NaiveDate) -> (chrono::NaiveDate, chrono::NaiveDate) {
    let first = rows.iter().map(|row| row.starts_on).min().unwrap_or(today);
    let last = rows.iter().map(|row| row.ends_on.unwrap_or(today)).max().unwrap_or(today);
    (first, last.min(today).max(first))
}
