//! Planning an appointment, and correcting it.

use chrono::{Months, NaiveDate};

use super::dto::new::{AppointmentInput, AppointmentPatch};
use super::dto::{Appointment, AppointmentWarning};
use super::model::{AppointmentStatus, Slot};
use super::ops::{next, owners_of, show, show_with, wrong_state};
use super::sealing::{self, Content};
use super::store::named::{self, Found, Names};
use super::store::{self, AppointmentRow, NewParts};
use crate::auth::{PrincipalId, ServiceScope};
use crate::cases;
use crate::cases::interventions::dto::InterventionInput;
use crate::cases::interventions::ops::{about_fault, around_school, names_child, with_child_fault};
use crate::data_keys::data_keys;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Fault, Text};
use crate::households::births::ops::births_of;
use crate::naming::ops::named;
use crate::services;
use crate::services::model::Settings;
use crate::services::public::model::agreement;
use crate::trail::Resource;
use crate::work::Work;

/// How far ahead an appointment may be planned. Choice, not from a source.
const PLANNED_AHEAD: Months = Months::new(24);

/// Plans an appointment.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: AppointmentInput) -> Result<Appointment, ApiError> {
    let settings = services::ops::require(work, scope, new.service_id, "/service_id")?;
    let caller = match work.call.principal {
        PrincipalId::User(user) => vec![user],
        PrincipalId::Client(_) | PrincipalId::Local => Vec::new(),
    };
    let parts = NewParts {
        cases: new.case_ids,
        professionals: new.professional_ids.unwrap_or(caller),
        participants: new.participants,
    };
    let row = AppointmentRow {
        id: Id::at(work.now),
        service_id: settings.id,
        status: AppointmentStatus::Planned,
        type_: new.kind,
        planned_on: new.planned_on,
        start_key: store::start_key(new.planned_on, &new.starts_at),
        starts_at: new.starts_at,
        minutes: new.minutes,
        place: new.place,
        organisation_id: new.organisation_id,
        on_school_time: new.on_school_time,
        content: None,
        cancelled_by: None,
        excused: None,
        planned_minutes: None,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    let found = find_named(work, &row, &parts)?;
    let mut faults = day_faults(&settings, &row, work.now);
    faults.extend(named_faults(work, &row, &parts, &NewParts::default(), &found)?);
    ApiError::reject_if_any(faults)?;
    let content = Content { title: new.title, note: new.note };
    let owners = sealing::owners(row.id, found.cases.iter().map(cases::store::CaseRow::key_owner));
    let content = sealing::seal(work, row.service_id, row.id, &owners, &content)?;
    let row = AppointmentRow { content, ..row };
    store::insert(work.conn, &row, &parts)?;
    work.created(Resource::Appointment, row.service_id, row.id);
    let warnings = warnings(&row, &found);
    let warnings = named(work, warnings)?;
    Ok(Appointment { warnings: Some(warnings), ..show(work, row)? })
}

/// What an appointment names, read in its service.
pub(super) fn find_named(work: &mut Work<'_>, row: &AppointmentRow, parts: &NewParts) -> Result<Found, ApiError> {
    let names = Names {
        cases: &parts.cases,
        professionals: &parts.professionals,
        organisation: row.organisation_id,
        day: row.planned_on,
        but: row.id,
    };
    Ok(named::find(work.conn, row.service_id, names)?)
}

/// The day must not be before the service opened, nor too far ahead.
pub(super) fn day_faults(settings: &Settings, row: &AppointmentRow, now: crate::db::UtcTs) -> Vec<Fault> {
    let last = settings.date_of(now).checked_add_months(PLANNED_AHEAD).unwrap_or(NaiveDate::MAX);
    let early = dates::not_before("/planned_on", row.planned_on, settings.opened_on, "before_opening");
    early.into_iter().chain(dates::not_after("/planned_on", row.planned_on, last, "too_far_ahead")).collect()
}

/// The faults of what an appointment names. What it named before is kept, even if it could not be named today.
fn named_faults(
    work: &mut Work<'_>,
    row: &AppointmentRow,
    parts: &NewParts,
    kept: &NewParts,
    found: &Found,
) -> Result<Vec<Fault>, ApiError> {
    let mut faults = around_school(&intervention(row, parts), found.organisation.as_ref());
    if row.organisation_id.is_some() && found.organisation.is_none() {
        let message =
            Text::new("Organisation absente de l'annuaire du service.", "Not in the directory of the service.");
        faults.push(Fault::new("/organisation_id", "unknown_organisation", message));
    }
    if !parts.cases.is_empty() {
        faults.extend(about_fault(&row.type_, parts.cases.len()));
    }
    let with_partner = agreement::required_for(&row.type_).is_some();
    for (rank, id) in parts.cases.iter().enumerate() {
        let pointer = format!("/case_ids/{rank}");
        let Some(case) = found.cases.iter().find(|case| case.id() == *id) else {
            faults.push(cases::ops::unknown(work, row.service_id, pointer, *id)?);
            continue;
        };
        if !case.is_open() && !kept.cases.contains(id) {
            let message = Text::new(
                "Ce suivi est clos : le rouvrir, ou prévoir le rendez-vous sans lui.",
                "This case is closed: reopen it, or plan the appointment without it.",
            );
            faults.push(Fault::new(pointer.clone(), "case_closed", message));
        }
        if with_partner && case.household().is_some() && !found.agreed.contains(id) {
            faults.push(Fault::new(pointer, agreement::MISSING, agreement::missing_message()));
        }
    }
    for (rank, id) in parts.professionals.iter().enumerate() {
        if !kept.professionals.contains(id) && !found.professionals.iter().any(|(user, _)| user == id) {
            let message =
                Text::new("Aucun compte actif du service n'a cet identifiant.", "No active user of the service.");
            faults.push(Fault::new(format!("/professional_ids/{rank}"), "unknown_professional", message));
        }
    }
    faults.extend(birth_fault(work, row, parts, found)?);
    Ok(faults)
}

/// The fault of an appointment with a child before the birth of the child.
pub(super) fn birth_fault(
    work: &mut Work<'_>,
    row: &AppointmentRow,
    parts: &NewParts,
    found: &Found,
) -> Result<Option<Fault>, ApiError> {
    if !names_child(&parts.participants) || found.cases.len() != parts.cases.len() {
        return Ok(None);
    }
    let children: Vec<Option<Id>> = found.cases.iter().map(cases::store::CaseRow::child).collect();
    let births = births_of(work, row.service_id, &children.iter().flatten().copied().collect::<Vec<_>>())?;
    let births = children.iter().map(|child| births.get(&(*child)?).copied());
    Ok(with_child_fault("/planned_on", row.planned_on, &parts.participants, births))
}

/// The intervention that an appointment would become as it is planned.
pub(super) fn intervention(row: &AppointmentRow, parts: &NewParts) -> InterventionInput {
    InterventionInput {
        kind: row.type_.clone(),
        held_on: row.planned_on,
        minutes: row.minutes,
        travel_minutes: 0,
        place: row.place.clone(),
        mode: None,
        organisation_id: row.organisation_id,
        on_school_time: row.on_school_time,
        next_action_on: None,
        professional_ids: Some(parts.professionals.clone()),
        resource_person_ids: Vec::new(),
        participants: parts.participants.clone(),
        note: None,
    }
}

/// The other appointments of its professionals at the same time, and those of them who are away that day.
pub(super) fn warnings(row: &AppointmentRow, found: &Found) -> Vec<AppointmentWarning> {
    let slot = row.slot();
    let same_time =
        found.others.iter().filter(|other| Slot::new(other.planned_on, &other.starts_at, other.minutes).overlaps(slot));
    let overlaps = same_time.map(|other| AppointmentWarning {
        code: "overlap",
        user_id: other.user_id,
        user_name: None,
        appointment_id: other.id,
        absence_id: None,
        planned_on: other.planned_on,
        starts_at: other.starts_at.clone(),
        minutes: other.minutes,
    });
    let absences = found.away.iter().map(|away| AppointmentWarning {
        code: "absence",
        user_id: away.user_id,
        user_name: None,
        appointment_id: row.id,
        absence_id: Some(away.absence_id),
        planned_on: row.planned_on,
        starts_at: row.starts_at.clone(),
        minutes: row.minutes,
    });
    overlaps.chain(absences).collect()
}

/// Corrects an appointment that is planned or confirmed. The result must satisfy the rules of a new one.
pub fn correct(work: &mut Work<'_>, row: &AppointmentRow, patch: AppointmentPatch) -> Result<Appointment, ApiError> {
    if !row.status.is_open() {
        return Err(wrong_state(work, row)?);
    }
    let had = store::parts(work.conn, std::slice::from_ref(row))?;
    let before = as_given(row, &had);
    let owners = owners_of(row, &had);
    let keys = if row.content.is_some() { data_keys(work, &owners)? } else { std::collections::HashMap::new() };
    let text = sealing::open(&keys, row.id, &owners, row.content.as_deref())?;
    let mut parts = NewParts {
        cases: patch.case_ids.unwrap_or_else(|| before.cases.clone()),
        professionals: patch.professional_ids.unwrap_or_else(|| before.professionals.clone()),
        participants: patch.participants.unwrap_or_else(|| before.participants.clone()),
    };
    parts.participants.sort_by(|one, other| one.kind.cmp(&other.kind));
    let new_text = Content { title: patch.title.over(text.title.clone()), note: patch.note.over(text.note.clone()) };
    let mut new = AppointmentRow {
        type_: patch.kind.unwrap_or_else(|| row.type_.clone()),
        minutes: patch.minutes.unwrap_or(row.minutes),
        place: patch.place.unwrap_or_else(|| row.place.clone()),
        organisation_id: patch.organisation_id.over(row.organisation_id),
        on_school_time: patch.on_school_time.unwrap_or(row.on_school_time),
        ..row.clone()
    };
    let same_parts = parts == before;
    if new == *row && same_parts && new_text == text {
        return show_with(work, new, had);
    }
    let found = find_named(work, &new, &parts)?;
    let faults = named_faults(work, &new, &parts, &before, &found)?;
    ApiError::reject_if_any(faults)?;
    if new_text != text || parts.cases != before.cases {
        let owners = sealing::owners(row.id, found.cases.iter().map(cases::store::CaseRow::key_owner));
        new.content = sealing::seal(work, row.service_id, row.id, &owners, &new_text)?;
    }
    let new = next(work, row, new);
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    let warnings = warnings(&new, &found);
    let shown = if same_parts && new.organisation_id == row.organisation_id {
        show_with(work, new, had)?
    } else {
        store::replace_parts(work.conn, row.id, &parts)?;
        show(work, new)?
    };
    let warnings = named(work, warnings)?;
    Ok(Appointment { warnings: Some(warnings), ..shown })
}

/// The parts of an appointment, as a request gives them.
pub(super) fn as_given(row: &AppointmentRow, parts: &store::Parts) -> NewParts {
    NewParts {
        cases: parts.cases.get(&row.id).into_iter().flatten().map(|link| link.case_id).collect(),
        professionals: parts.professionals.get(&row.id).into_iter().flatten().map(|(user, _)| *user).collect(),
        participants: parts.participants.get(&row.id).cloned().unwrap_or_default(),
    }
}
