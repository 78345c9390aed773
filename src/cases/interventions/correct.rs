//! Correcting an intervention, removing it, and its history. What is true of the whole act is corrected in all its shares.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::dto::{ActShare, Intervention, InterventionPatch};
use super::merge::{self, Wanted};
use super::ops::checks::{
    about_fault, case_faults, common_faults, next_action_fault, no_follow_up, professional_faults, repeated_fault,
    with_child_fault,
};
use super::show::{note_at, show, show_one};
use super::store::context::professionals;
use super::store::{self, InterventionRow, Replacement};
use crate::auth::ServiceScope;
use crate::cases::common::{Around, arounds, own_faults, touch};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::dto::{CountedIn, FieldChange, Removal};
use crate::cases::corrections::ops::{self as corrections, Corrected, Corrector, Home};
use crate::cases::corrections::published::counted_in;
use crate::cases::corrections::store::CorrectionRow;
use crate::cases::history;
use crate::cases::model::Subject;
use crate::cases::model::viewer::Viewer;
use crate::cases::notes::model::CaseNoteKind;
use crate::cases::store::{self as cases, CaseRow};
use crate::data_keys;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Faults};
use crate::http::{Field, Versioned};
use crate::services;
use crate::services::public::model::agreement;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// An intervention in scope: the rows of its act, with their cases.
#[derive(Debug)]
pub struct Found {
    /// The rows of the act, in the order of its cases.
    rows: Vec<InterventionRow>,
    /// The cases of the rows; none for work about no case.
    around: Vec<Around>,
    /// The rank of the intervention in the act.
    own: usize,
}

impl Versioned for Found {
    fn version(&self) -> i32 {
        self.row().version
    }
}

impl Found {
    fn row(&self) -> &InterventionRow {
        // `find` found it.
        &self.rows[self.own]
    }

    /// The case of a row; none for work about no case.
    fn case_of(&self, row: &InterventionRow) -> Option<&CaseRow> {
        let around = self.around.iter().find(|around| Some(around.case.id()) == row.case_id);
        around.map(|around| &around.case)
    }
}

/// An intervention in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Found, ApiError> {
    let rows = store::act_of(work.conn, scope, id)?;
    let own = rows.iter().position(|row| row.id == id).ok_or_else(ApiError::not_found)?;
    let service = rows.first().map(|row| row.service_id).ok_or_else(ApiError::not_found)?;
    let of_act: Vec<Id> = rows.iter().filter_map(|row| row.case_id).collect();
    let around = arounds(work, service, &of_act)?;
    Ok(Found { rows, around, own })
}

/// Corrects an intervention. The result must meet the rules of a new one.
pub fn correct(
    work: &mut Work<'_>,
    viewer: &Viewer,
    corrector: &Corrector,
    found: &Found,
    patch: InterventionPatch,
) -> Result<Intervention, ApiError> {
    let row = found.row();
    corrector.require(work, row.service_id, &row.author)?;
    let shown = show(work, viewer, found.rows.clone())?;
    let own = &shown[found.own];
    let named = patch.professional_ids.clone();
    let mut faults = Faults::default();
    let wanted = merge::merged(&shown, found.own, patch, &mut faults)?;
    check(work, found, own, &wanted, named.as_deref(), &mut faults)?;
    faults.finish()?;
    let after = merge::after(&shown, found.own, &wanted)?;
    let alone = shown.len() == 1;
    let changes: Vec<Vec<FieldChange>> =
        shown.iter().zip(&after).map(|(before, after)| values(between(before, Some(after)), alone)).collect();
    if changes.iter().all(Vec::is_empty) {
        return shown.into_iter().nth(found.own).ok_or_else(ApiError::not_found);
    }
    write(work, viewer, found, &shown, &after, &changes)?;
    let days = (row.held_on.min(wanted.input.held_on), row.held_on.max(wanted.input.held_on));
    let counted = counted(work, found, days)?;
    let mut corrected = as_written(work, viewer, found, own, &after)?;
    corrected.counted_in = Some(counted);
    Ok(corrected)
}

/// The intervention as it was just written. Only names that the request gives anew are read again.
fn as_written(
    work: &mut Work<'_>,
    viewer: &Viewer,
    found: &Found,
    before: &Intervention,
    after: &[Intervention],
) -> Result<Intervention, ApiError> {
    let id = before.id;
    let own = after.get(found.own).ok_or_else(ApiError::not_found)?;
    let same_names =
        |one: &Intervention| (one.organisation_id, one.professional_ids.clone(), one.resource_person_ids.clone());
    if same_names(before) != same_names(own) {
        let row = store::get(work.conn, &viewer.scope, id)?;
        return show_one(work, viewer, row);
    }
    let share = |one: &Intervention| ActShare {
        intervention_id: one.id,
        case_id: one.case_id,
        minutes: one.minutes,
        travel_minutes: one.travel_minutes,
    };
    Ok(Intervention {
        type_label: own.kind.label(work.call.lang),
        shares: after.iter().map(share).collect(),
        version: before.version + 1,
        updated_at: work.now,
        ..own.clone()
    })
}

/// The values that changed. Of an act about one case, the act says nothing more than the intervention.
fn values(mut changes: Vec<FieldChange>, alone: bool) -> Vec<FieldChange> {
    changes.retain(|change| !alone || !change.field.starts_with("act_"));
    changes
}

/// The rules of a new act, for every case of this one.
fn check(
    work: &mut Work<'_>,
    found: &Found,
    before: &Intervention,
    wanted: &Wanted,
    named: Option<&[Id]>,
    faults: &mut Faults,
) -> Result<(), ApiError> {
    let (service, new) = (found.row().service_id, &wanted.input);
    let today = services::ops::today(work, service)?;
    faults.add(own_faults(new));
    faults.add(about_fault(&new.kind, found.around.len()));
    if found.around.is_empty() {
        let opened_on = services::ops::settings(work, &ServiceScope::one(service), service)?.opened_on;
        faults.add(dates::not_in_the_future("/held_on", new.held_on, today));
        faults.add(dates::not_before("/held_on", new.held_on, opened_on, "before_opening"));
        faults.add(new.next_action_on.map(|_| no_follow_up()));
    }
    common_faults(work, service, new, &before.resource_person_ids, faults)?;
    if let Some(named) = named {
        let added: Vec<Id> = named.iter().filter(|user| !before.professional_ids.contains(user)).copied().collect();
        let mut active = before.professional_ids.clone();
        active.extend(professionals(work.conn, service, &added)?);
        faults.add(professional_faults(named, &active));
        faults.add(repeated_fault(named));
    }
    let asks = agreement::required_for(&new.kind).is_some();
    let mut of_cases = Vec::new();
    for around in &found.around {
        let given = if asks && around.case.subject == Subject::Child {
            cases::agreements(work.conn, &ServiceScope::one(service), around.case.id())?
        } else {
            Vec::new()
        };
        of_cases.extend(case_faults(&around.case, around.first_day(), &given, new, today));
    }
    if new.next_action_on != before.next_action_on
        && let Some(case) = found.case_of(found.row())
    {
        of_cases.extend(next_action_fault(case, new.next_action_on));
    }
    let births = found.around.iter().map(|around| around.birth);
    of_cases.extend(with_child_fault("/held_on", new.held_on, &new.participants, births));
    // The same fault of several cases is told once.
    for fault in of_cases {
        let is_same = |other: &crate::error::Fault| (&other.pointer, &other.code) == (&fault.pointer, &fault.code);
        if !faults.as_slice().iter().any(is_same) {
            faults.add([fault]);
        }
    }
    Ok(())
}

/// Writes the next version of every row of the act, and what it was before.
fn write(
    work: &mut Work<'_>,
    viewer: &Viewer,
    found: &Found,
    shown: &[Intervention],
    after: &[Intervention],
    changes: &[Vec<FieldChange>],
) -> Result<(), ApiError> {
    let mut act = Vec::with_capacity(found.rows.len());
    for (((row, before), after), changes) in found.rows.iter().zip(shown).zip(after).zip(changes) {
        let mut new = InterventionRow {
            type_: after.kind.clone(),
            mode: after.mode.clone(),
            held_on: after.held_on,
            minutes: after.minutes,
            travel_minutes: after.travel_minutes,
            place: after.place.clone(),
            organisation_id: after.organisation_id,
            on_school_time: after.on_school_time,
            next_action_on: after.next_action_on,
            version: row.version + 1,
            updated_at: work.now,
            ..row.clone()
        };
        let correction = if changes.is_empty() { None } else { Some(former(work, found, row, None, changes)?) };
        if before.note != after.note {
            let owner = found.case_of(row).map_or(row.act_id, CaseRow::key_owner);
            new.note = data_keys::data_key(work, owner)?.seal_some(note_at(&row.id), after.note.as_ref())?;
        }
        let participants = (before.participants != after.participants).then(|| after.participants.clone());
        act.push(Replacement { row: new, participants, correction });
    }
    let own = &after[found.own];
    let next = follow_up(work, &viewer.scope, found, found.row(), own.next_action_on)?;
    touch_cases(work, &viewer.scope, found, &BTreeMap::from([(found.own, next)]))?;
    let professionals = (shown[found.own].professional_ids != own.professional_ids).then_some(&own.professional_ids);
    let called = (shown[found.own].resource_person_ids != own.resource_person_ids).then_some(&own.resource_person_ids);
    let (version, people) = (found.row().version, (professionals.map(Vec::as_slice), called.map(Vec::as_slice)));
    ApiError::require_first(store::correct(work.conn, version, &act, people.0, people.1)?)?;
    for row in &found.rows {
        match row.case_id {
            Some(case) => work.changed_in(case, Resource::Intervention, row.service_id, row.id),
            None => work.changed(Resource::Intervention, row.service_id, row.id),
        }
    }
    Ok(())
}

/// Increments the versions of the cases of an act, in one order: two writers wait for each other instead of failing. `next` has
/// the follow-ups that change, by the rank of their row.
fn touch_cases(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    found: &Found,
    next: &BTreeMap<usize, Field<NaiveDate>>,
) -> Result<(), ApiError> {
    let rows = found.rows.iter().enumerate();
    let by_case: BTreeMap<Id, (usize, &CaseRow)> =
        rows.filter_map(|(rank, row)| found.case_of(row).map(|case| (case.id(), (rank, case)))).collect();
    for (rank, case) in by_case.into_values() {
        touch(work, scope, case, next.get(&rank).unwrap_or(&Field::Keep))?;
    }
    Ok(())
}

/// The row of the former values of a row of the act.
fn former(
    work: &mut Work<'_>,
    found: &Found,
    row: &InterventionRow,
    removed_for: Option<DeletionReason>,
    changes: &[FieldChange],
) -> Result<CorrectionRow, ApiError> {
    let (kind, version) = (Resource::Intervention, row.version + 1);
    if let Some(case) = found.case_of(row) {
        let of = Corrected { kind, id: row.id, case, version, entered_by: &row.author, removed_for };
        return corrections::row(work, of, changes);
    }
    let none = data_keys::data_keys(work, &[row.act_id])?.is_empty();
    if none && row.note.is_none() {
        data_keys::create_data_key(work, row.service_id, row.act_id)?;
    }
    let home = Home { service: row.service_id, case: row.act_id, key_owner: row.act_id };
    corrections::row_in(work, home, (kind, row.id, version), (&row.author, removed_for), changes)
}

/// The releases that counted the children of an act in the years of some days, each once.
fn counted(work: &mut Work<'_>, found: &Found, days: (NaiveDate, NaiveDate)) -> Result<Vec<CountedIn>, ApiError> {
    let mut all: Vec<CountedIn> = Vec::new();
    // The rows of an act are recorded at once, but for those that a correction added.
    let Some(recorded_at) = found.rows.iter().map(|row| row.created_at).min() else { return Ok(all) };
    for around in &found.around {
        for one in counted_in(work, &around.case, days, recorded_at)? {
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    Ok(all)
}

/// The next follow-up of the case of a row after the next action changes: it follows, if this intervention had set it. Without
/// one, it is again that of the latest other intervention.
fn follow_up(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    found: &Found,
    row: &InterventionRow,
    next: Option<NaiveDate>,
) -> Result<Field<NaiveDate>, ApiError> {
    let Some(case) = found.case_of(row) else { return Ok(Field::Keep) };
    let before = row.next_action_on;
    let follows = case.closed_on.is_none() && before != next && (before.is_none() || before == case.next_follow_up_on);
    if !follows {
        return Ok(Field::Keep);
    }
    if next.is_some() && case.next_follow_up_on.is_none() {
        return Ok(next.map_or(Field::Keep, Field::Set));
    }
    // What was planned after this intervention stays.
    let other = store::latest_next_action(work.conn, scope, case.id(), Some(row.id))?;
    let later = other.filter(|(held_on, _)| next.is_none() || *held_on > row.held_on);
    Ok(later.map(|(_, next)| next).or(next).map_or(Field::Clear, Field::Set))
}

/// Records in the feed what named an act that was removed, except notes that exist for some people only.
fn record_unnamed(work: &mut Work<'_>, service: Id, naming: &store::Naming) {
    for (note, case, _) in naming.notes.iter().filter(|(.., kind)| *kind == CaseNoteKind::Summary) {
        work.changed_in(*case, Resource::CaseNote, service, *note);
    }
    for (recommendation, case) in &naming.recommendations {
        work.changed_in(*case, Resource::Recommendation, service, *recommendation);
    }
    for appointment in &naming.appointments {
        work.changed(Resource::Appointment, service, *appointment);
    }
}

/// Removes an act that was recorded by mistake: the shares of all its cases. Its values stay in its history.
pub fn remove(
    work: &mut Work<'_>,
    viewer: &Viewer,
    corrector: &Corrector,
    found: &Found,
    reason: DeletionReason,
) -> Result<Removal, ApiError> {
    let row = found.row();
    corrector.require(work, row.service_id, &row.author)?;
    let shown = show(work, viewer, found.rows.clone())?;
    let alone = shown.len() == 1;
    let (mut removed, mut next) = (Vec::with_capacity(shown.len()), BTreeMap::new());
    for (rank, (row, before)) in found.rows.iter().zip(&shown).enumerate() {
        removed.push(former(work, found, row, Some(reason), &values(between(before, None), alone))?);
        next.insert(rank, follow_up(work, &viewer.scope, found, row, None)?);
    }
    touch_cases(work, &viewer.scope, found, &next)?;
    let of_cases: Vec<_> = found.rows.iter().filter_map(|row| Some((row.case_id?, row.id, row.held_on))).collect();
    let naming = store::naming(work.conn, &found.rows)?;
    let events = history::ops::removed(work, row.service_id, Resource::Intervention, &of_cases, &naming.case_versions);
    ApiError::require_first(store::remove(work.conn, &found.rows, &removed, &events, (&naming, work.now))?)?;
    record_unnamed(work, row.service_id, &naming);
    for row in &found.rows {
        match row.case_id {
            Some(case) => work.deleted_in(case, Resource::Intervention, row.service_id, row.id, reason),
            None => work.deleted(Resource::Intervention, row.service_id, row.id, reason),
        }
    }
    Ok(Removal { counted_in: counted(work, found, (row.held_on, row.held_on))? })
}
