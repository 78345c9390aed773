//! Reading one intervention, correcting it, removing it, and its history.

use chrono::NaiveDate;

use super::dto::{Intervention, InterventionInput, InterventionPatch, Participants};
use super::ops::{self, faults, mode_of, note_at, sorted};
use super::store::{self, InterventionRow};
use crate::auth::ServiceScope;
use crate::cases::common::{Around, around, own_faults, touch};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::dto::{CorrectionPage, Removal};
use crate::cases::corrections::ops::{self as corrections, Corrected, Corrector, Origin};
use crate::cases::corrections::published::counted_in;
use crate::data_keys;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::PageRequest;
use crate::http::{Field, Versioned};
use crate::privacy::{self, Secret};
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// An intervention in scope, with what a correction of it needs.
#[derive(Debug)]
pub struct Found {
    row: InterventionRow,
    participants: Vec<Participants>,
    around: Around,
}

impl Versioned for Found {
    fn version(&self) -> i32 {
        self.row.version
    }
}

/// An intervention in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Found, ApiError> {
    let (row, participants) = store::get(work.conn, scope, id)?;
    let around = around(work, row.service_id, row.case_id)?;
    Ok(Found { row, participants, around })
}

/// One intervention in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Intervention, ApiError> {
    let found = find(work, scope, id)?;
    shown(work, &found)
}

fn shown(work: &mut Work<'_>, found: &Found) -> Result<Intervention, ApiError> {
    let row = &found.row;
    let owner = found.around.case.key_owner();
    let key = data_keys::data_keys(work, &[owner])?.remove(&owner);
    let note: Option<Secret<String>> =
        privacy::open_unless_erased(key.as_ref(), note_at(&row.id), row.note.as_deref())?;
    Ok(ops::intervention(row.clone(), found.participants.clone(), note))
}

/// Corrects an intervention. The result must meet the rules of a new one.
pub fn correct(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &Found,
    patch: InterventionPatch,
) -> Result<Intervention, ApiError> {
    let (row, case) = (&found.row, &found.around.case);
    corrector.require(work, row.service_id, &row.author)?;
    let before = shown(work, found)?;
    let wanted = merged(&before, patch)?;
    let today = found.around.today(work)?;
    let mut broken = faults(work, &found.around, &wanted, today)?;
    broken.add(own_faults(&wanted));
    broken.finish()?;
    let mut new = InterventionRow {
        type_: wanted.kind.clone(),
        mode: wanted.mode.clone().map_or_else(|| mode_of(&wanted.kind), Ok)?,
        held_on: wanted.held_on,
        minutes: wanted.minutes,
        travel_minutes: wanted.travel_minutes,
        place: wanted.place.clone(),
        organisation_id: wanted.organisation_id,
        on_school_time: wanted.on_school_time,
        next_action_on: wanted.next_action_on,
        version: row.version + 1,
        updated_at: work.now,
        ..row.clone()
    };
    let participants = sorted(&wanted.participants);
    let mut after = ops::intervention(new.clone(), participants.clone(), wanted.note.clone());
    let changes = between(&before, Some(&after));
    if changes.is_empty() {
        return Ok(before);
    }
    let of = Corrected {
        kind: Resource::Intervention,
        id: row.id,
        case,
        version: new.version,
        entered_by: &row.author,
        removed_for: None,
    };
    let correction = corrections::row(work, of, &changes)?;
    if before.note != wanted.note {
        let key = data_keys::data_key(work, case.key_owner())?;
        new.note = key.seal_some(note_at(&row.id), wanted.note.as_ref())?;
    }
    let next = follow_up(work, scope, found, new.next_action_on)?;
    touch(work, scope, case, &next)?;
    let replaced = (participants != found.participants).then_some(participants.as_slice());
    ApiError::require_first(store::correct(work.conn, row, &new, replaced, &correction)?)?;
    work.changed_in(case.id, Resource::Intervention, row.service_id, row.id);
    let days = (row.held_on.min(new.held_on), row.held_on.max(new.held_on));
    after.counted_in = Some(counted_in(work, case, days)?);
    Ok(after)
}

/// The next follow-up of the case after the next action changes: it follows, if this intervention had set it. Without one, it
/// is again that of the latest other intervention.
fn follow_up(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    found: &Found,
    next: Option<NaiveDate>,
) -> Result<Field<NaiveDate>, ApiError> {
    let (before, case) = (found.row.next_action_on, &found.around.case);
    let follows = case.closed_on.is_none() && before != next && (before.is_none() || before == case.next_follow_up_on);
    if !follows {
        return Ok(Field::Keep);
    }
    if next.is_some() && case.next_follow_up_on.is_none() {
        return Ok(next.map_or(Field::Keep, Field::Set));
    }
    // What was planned after this intervention stays.
    let other = store::latest_next_action(work.conn, scope, case.id, Some(found.row.id))?;
    let later = other.filter(|(held_on, _)| next.is_none() || *held_on > found.row.held_on);
    Ok(later.map(|(_, next)| next).or(next).map_or(Field::Clear, Field::Set))
}

/// The intervention that a patch asks for.
fn merged(before: &Intervention, patch: InterventionPatch) -> Result<InterventionInput, ApiError> {
    let kind = patch.kind.unwrap_or_else(|| before.kind.clone());
    let mode = match patch.mode {
        Field::Set(mode) => mode,
        Field::Keep if kind == before.kind => before.mode.clone(),
        Field::Keep | Field::Clear => mode_of(&kind)?,
    };
    Ok(InterventionInput {
        kind,
        held_on: patch.held_on.unwrap_or(before.held_on),
        minutes: patch.minutes.unwrap_or(before.minutes),
        travel_minutes: patch.travel_minutes.unwrap_or(before.travel_minutes),
        place: patch.place.unwrap_or_else(|| before.place.clone()),
        mode: Some(mode),
        organisation_id: patch.organisation_id.over(before.organisation_id),
        on_school_time: patch.on_school_time.unwrap_or(before.on_school_time),
        next_action_on: patch.next_action_on.over(before.next_action_on),
        participants: patch.participants.unwrap_or_else(|| before.participants.clone()),
        note: patch.note.over(before.note.clone()),
    })
}

/// Removes an intervention that was recorded by mistake. Its values stay in its history.
pub fn remove(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &Found,
    reason: DeletionReason,
) -> Result<Removal, ApiError> {
    let (row, case) = (&found.row, &found.around.case);
    corrector.require(work, row.service_id, &row.author)?;
    let before = shown(work, found)?;
    let of = Corrected {
        kind: Resource::Intervention,
        id: row.id,
        case,
        version: row.version + 1,
        entered_by: &row.author,
        removed_for: Some(reason),
    };
    let correction = corrections::row(work, of, &between(&before, None))?;
    let next = follow_up(work, scope, found, None)?;
    touch(work, scope, case, &next)?;
    ApiError::require_first(store::remove(work.conn, row, &correction)?)?;
    work.deleted_in(case.id, Resource::Intervention, row.service_id, row.id, reason);
    Ok(Removal { counted_in: counted_in(work, case, (row.held_on, row.held_on))? })
}

/// A page of the history of an intervention, removed or not.
pub fn history(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    id: Id,
    page: &PageRequest,
) -> Result<CorrectionPage, ApiError> {
    let live = store::origin(work.conn, scope, id)?.map(Origin::from);
    corrections::history(work, scope, corrector, (Resource::Intervention, id), live, page)
}
