//! Changing a procedure, removing it, and its history.

use serde_json::{Value, json};

use super::dto::{Procedure, ProcedurePatch};
use super::model::Course;
use super::ops::{check_organisation, note_at, show_one};
use super::store::{self, ProcedureRow};
use crate::auth::ServiceScope;
use crate::cases::common::{Around, around, touch};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::ops::{self as corrections, Corrector};
use crate::cases::ops::Viewer;
use crate::data_keys;
use crate::db::Id;
use crate::error::{ApiError, Faults};
use crate::http::{Field, Versioned};
use crate::privacy::{self, Secret};
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// A procedure in scope, with what a change of it needs.
#[derive(Debug)]
pub struct Found {
    row: ProcedureRow,
    around: Around,
}

impl Versioned for Found {
    fn version(&self) -> i32 {
        self.row.version
    }
}

/// A procedure in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Found, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    let around = around(work, row.service_id, row.case_id)?;
    Ok(Found { row, around })
}

/// The note of a procedure; none once its key is destroyed.
fn note(work: &mut Work<'_>, found: &Found) -> Result<Option<Secret<String>>, ApiError> {
    let owner = found.around.case.key_owner();
    let key = data_keys::data_keys(work, &[owner])?.remove(&owner);
    Ok(privacy::open_unless_erased(key.as_ref(), note_at(&found.row.id), found.row.note.as_deref())?)
}

/// Changes a procedure. The result must meet the rules of a new one.
pub fn correct(
    work: &mut Work<'_>,
    viewer: &Viewer,
    corrector: &Corrector,
    found: &Found,
    patch: ProcedurePatch,
) -> Result<Procedure, ApiError> {
    let (row, case) = (&found.row, &found.around.case);
    let note_before = note(work, found)?;
    let note_after = patch.note.over(note_before.clone());
    let before = row.course();
    let organisation = patch.organisation_id.over(row.organisation_id);
    let course = Course {
        kind: patch.kind.unwrap_or_else(|| before.kind.clone()),
        waiting_since: patch.waiting_since.over(before.waiting_since),
        filed_on: patch.filed_on.over(before.filed_on),
        complete_on: patch.complete_on.over(before.complete_on),
        decided_on: patch.decided_on.over(before.decided_on),
        notified_on: patch.notified_on.over(before.notified_on),
        expires_on: patch.expires_on.over(before.expires_on),
        outcome: patch.outcome.over(before.outcome.clone()),
        next_on: patch.next_on.over(before.next_on),
    };
    let was = values(&before, row.organisation_id, note_before.as_ref());
    let is = values(&course, organisation, note_after.as_ref());
    let changes = between(&was, Some(&is));
    if changes.is_empty() {
        return show_one(work, viewer, row.clone());
    }
    // A file goes on whoever recorded it: what was empty is added, and the next date moves. The rest is a correction.
    if changes.iter().any(|change| change.before.is_some() && change.field != "next_on") {
        corrector.require(work, row.service_id, &row.author)?;
    }
    let today = found.around.today(work)?;
    let mut faults = Faults::default();
    faults.add(course.faults(Some(&before), today));
    faults.add(found.around.birth_faults(course.days()));
    if organisation != row.organisation_id {
        check_organisation(work, row.service_id, organisation, &mut faults)?;
    }
    faults.finish()?;
    let correction = corrections::row(work, corrections::corrected(case, row, None), &changes)?;
    let sealed = match &note_after {
        Some(said) if note_before.as_ref() != Some(said) => {
            Some(data_keys::data_key(work, case.key_owner())?.seal(note_at(&row.id), said)?)
        }
        Some(_) => row.note.clone(),
        None => None,
    };
    let new = row.with(work, course, organisation, sealed);
    touch(work, &viewer.scope, case, &Field::Keep)?;
    ApiError::require_first(store::correct(work.conn, row, &new, &correction)?)?;
    work.changed_in(case.id, Resource::Procedure, row.service_id, row.id);
    show_one(work, viewer, new)
}

/// What a correction compares.
fn values(course: &Course, organisation: Option<Id>, note: Option<&Secret<String>>) -> Value {
    json!({
        "kind": course.kind, "organisation_id": organisation, "waiting_since": course.waiting_since,
        "filed_on": course.filed_on, "complete_on": course.complete_on, "decided_on": course.decided_on,
        "notified_on": course.notified_on, "expires_on": course.expires_on, "outcome": course.outcome,
        "next_on": course.next_on, "note": note,
    })
}

/// Removes a procedure that was recorded by mistake. Its values stay in its history.
pub fn remove(
    work: &mut Work<'_>,
    viewer: &Viewer,
    corrector: &Corrector,
    found: &Found,
    reason: DeletionReason,
) -> Result<(), ApiError> {
    let (row, case) = (&found.row, &found.around.case);
    corrector.require(work, row.service_id, &row.author)?;
    let note = note(work, found)?;
    let was = values(&row.course(), row.organisation_id, note.as_ref());
    let correction = corrections::row(work, corrections::corrected(case, row, Some(reason)), &between(&was, None))?;
    touch(work, &viewer.scope, case, &Field::Keep)?;
    ApiError::require_first(store::remove(work.conn, row, &correction)?)?;
    work.deleted_in(case.id, Resource::Procedure, row.service_id, row.id, reason);
    Ok(())
}
