//! Ending and correcting a complex situation, removing it, and its history.

use serde_json::{Value, json};

use super::dto::{ComplexSituation, ComplexSituationPatch};
use super::ops::{held, refuse_second, show_one};
use super::store::{self, SituationRow, Whole};
use crate::auth::ServiceScope;
use crate::cases::common::{Around, around, touch};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::ops::{self as corrections, Corrector};
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::{Field, Versioned};
use crate::nomenclatures::codes::ComplexityFlag;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// A complex situation in scope, with what a change of it needs.
#[derive(Debug)]
pub struct Found {
    pub(super) whole: Whole,
    pub(super) around: Around,
}

impl Versioned for Found {
    fn version(&self) -> i32 {
        self.whole.row.version
    }
}

/// A complex situation in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Found, ApiError> {
    let whole = store::whole(work.conn, scope, id)?;
    let around = around(work, whole.row.service_id, whole.row.case_id)?;
    Ok(Found { whole, around })
}

/// Changes a complex situation: ends it, adds grounds, corrects it.
pub fn correct(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &Found,
    patch: ComplexSituationPatch,
) -> Result<ComplexSituation, ApiError> {
    let (Whole { row, grounds, .. }, case) = (&found.whole, &found.around.case);
    let first_alone = patch.ended_on == Field::Keep;
    let new = SituationRow {
        flagged_on: patch.flagged_on.unwrap_or(row.flagged_on),
        ended_on: patch.ended_on.over(row.ended_on),
        version: row.version + 1,
        updated_at: work.now,
        ..row.clone()
    };
    let wanted: Vec<ComplexityFlag> = patch.grounds.map_or_else(|| grounds.clone(), |set| set.into_iter().collect());
    let changes = between(&values(row, grounds), Some(&values(&new, &wanted)));
    if changes.is_empty() {
        return show_one(work, &found.around, found.whole.clone());
    }
    // Anybody ends a situation or adds a ground; the rest is a correction.
    let corrects = new.flagged_on != row.flagged_on
        || (row.ended_on.is_some() && new.ended_on != row.ended_on)
        || grounds.iter().any(|ground| !wanted.contains(ground));
    if corrects {
        corrector.require(work, row.service_id, &row.author)?;
    }
    let today = found.around.today(work)?;
    ApiError::reject_if_any(new.days().faults(case.opened_on, &held(&found.whole, None), today, first_alone))?;
    let correction = corrections::row(work, corrections::corrected(case, row, None), &changes)?;
    touch(work, scope, case, &Field::Keep)?;
    if (new.flagged_on, new.ended_on) != (row.flagged_on, row.ended_on) {
        refuse_second(work, &new)?;
    }
    let replaced = (wanted != *grounds).then_some(wanted.as_slice());
    ApiError::require_first(store::correct(work.conn, row, &new, replaced, &correction)?)?;
    work.changed_in(case.id, Resource::ComplexSituation, row.service_id, row.id);
    show_one(work, &found.around, Whole { row: new, grounds: wanted, discussions: found.whole.discussions.clone() })
}

/// What a correction compares.
fn values(row: &SituationRow, grounds: &[ComplexityFlag]) -> Value {
    json!({"flagged_on": row.flagged_on, "ended_on": row.ended_on, "grounds": grounds})
}

/// Removes a complex situation that was flagged by mistake. One with discussions is ended instead.
pub fn remove(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &Found,
    reason: DeletionReason,
) -> Result<(), ApiError> {
    let (whole, case) = (&found.whole, &found.around.case);
    corrector.require(work, whole.row.service_id, &whole.row.author)?;
    let changes = between(&values(&whole.row, &whole.grounds), None);
    let correction = corrections::row(work, corrections::corrected(case, &whole.row, Some(reason)), &changes)?;
    if !whole.discussions.is_empty() {
        return Err(ApiError::new(Code::Conflict).detail(
            "Cette situation a été discutée : lui donner une date de fin (`ended_on`), ou supprimer d'abord ses discussions.",
            "This situation was discussed: give it an `ended_on`, or remove its discussions first.",
        ));
    }
    touch(work, scope, case, &Field::Keep)?;
    ApiError::require_first(store::remove(work.conn, &whole.row, &correction)?)?;
    work.deleted_in(case.id, Resource::ComplexSituation, whole.row.service_id, whole.row.id, reason);
    Ok(())
}
