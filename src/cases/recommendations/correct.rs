//! Saying what became of a recommendation, correcting it, removing it.

use serde_json::{Value, json};

use super::dto::{Recommendation, RecommendationPatch};
use super::ops::{faults, show_one, text_at};
use super::store::{self, RecommendationRow};
use crate::auth::ServiceScope;
use crate::cases::common::{around, touch, writing_key};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::ops::{self as corrections, Corrector};
use crate::data_keys;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Field;
use crate::privacy::{self, Secret};
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// The row of a recommendation in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<RecommendationRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// Corrects a recommendation, or says whether it is applied.
pub fn correct(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    row: &RecommendationRow,
    patch: RecommendationPatch,
) -> Result<Recommendation, ApiError> {
    let around = around(work, row.service_id, row.case_id)?;
    let case = &around.case;
    let key = writing_key(work, case)?;
    let was: Secret<String> = key.open(text_at(&row.id), &row.text)?;
    let text = patch.text.unwrap_or_else(|| was.clone());
    let mut new = RecommendationRow {
        kind: patch.kind.unwrap_or_else(|| row.kind.clone()),
        addressed_to: patch.addressed_to.unwrap_or_else(|| row.addressed_to.clone()),
        adaptation: patch.adaptation.over(row.adaptation.clone()),
        made_on: patch.made_on.unwrap_or(row.made_on),
        applied: patch.applied.over(row.applied),
        checked_on: patch.checked_on.over(row.checked_on),
        version: row.version + 1,
        updated_at: work.now,
        ..row.clone()
    };
    let changes = between(&values(row, Some(&was)), Some(&values(&new, Some(&text))));
    if changes.is_empty() {
        return show_one(work, case, row.clone());
    }
    let answer = |field: &str| ["applied", "checked_on"].contains(&field);
    if changes.iter().any(|change| !answer(&change.field)) {
        corrector.require(work, row.service_id, &row.author)?;
    }
    let today = around.today(work)?;
    ApiError::reject_if_any(faults(&new, &around, today))?;
    if text != was {
        new.text = key.seal(text_at(&row.id), &text)?;
    }
    let correction = corrections::row(work, corrections::corrected(case, row, None), &changes)?;
    touch(work, scope, case, &Field::Keep)?;
    ApiError::require_first(store::correct(work.conn, row, &new, &correction)?)?;
    work.changed_in(case.id(), Resource::Recommendation, row.service_id, row.id);
    show_one(work, case, new)
}

/// Removes a recommendation that was recorded by mistake.
pub fn remove(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    row: &RecommendationRow,
    reason: DeletionReason,
) -> Result<(), ApiError> {
    corrector.require(work, row.service_id, &row.author)?;
    let around = around(work, row.service_id, row.case_id)?;
    let case = &around.case;
    let key = data_keys::data_keys(work, &[case.key_owner()])?.remove(&case.key_owner());
    let was: Option<Secret<String>> =
        privacy::open_unless_erased(key.as_ref(), text_at(&row.id), Some(row.text.as_slice()))?;
    let changes = between(&values(row, was.as_ref()), None);
    let correction = corrections::row(work, corrections::corrected(case, row, Some(reason)), &changes)?;
    touch(work, scope, case, &Field::Keep)?;
    ApiError::require_first(store::remove(work.conn, row, &correction)?)?;
    work.deleted_in(case.id(), Resource::Recommendation, row.service_id, row.id, reason);
    Ok(())
}

/// What a correction compares.
fn values(row: &RecommendationRow, text: Option<&Secret<String>>) -> Value {
    json!({
        "kind": row.kind, "text": text, "addressed_to": row.addressed_to, "adaptation": row.adaptation,
        "intervention_id": row.intervention_id, "made_on": row.made_on, "applied": row.applied,
        "checked_on": row.checked_on,
    })
}
