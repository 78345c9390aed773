//! Planning a collective action, and correcting it.

use chrono::{Months, NaiveDate};

use super::dto::new::{ActionInput, ActionPatch};
use super::dto::{Action, ActionParticipants};
use super::faults::{repeated, seats_en, seats_fr};
use super::model::{ActionStatus, ActionStep, reserved_for};
use super::ops::{self, replace};
use super::registrations::seats;
use super::school;
use super::store::{ActionRow, details};
use crate::auth::ServiceScope;
use crate::conventions::coverage;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Fault, Faults, Text};
use crate::http::Field;
use crate::services;
use crate::trail::Resource;
use crate::work::Work;

/// How far ahead an action may be planned. Choice, not from a source.
const PLANNED_AHEAD: Months = Months::new(24);

/// Plans an action.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: ActionInput) -> Result<Action, ApiError> {
    let settings = services::ops::require(work, scope, new.service_id, "/service_id")?;
    let row = ActionRow {
        id: Id::at(work.now),
        service_id: settings.id,
        kind: new.kind,
        title: new.title,
        status: ActionStatus::Planned,
        held_on: new.held_on,
        starts_at: new.starts_at,
        duration_minutes: new.duration_minutes,
        place: new.place,
        commune_code: new.commune_code,
        organiser_role: new.organiser_role,
        organiser_id: new.organiser_id,
        convention_id: None,
        preparation_minutes: new.preparation_minutes,
        travel_minutes: new.travel_minutes,
        places: new.places,
        registration_closes_on: new.registration_closes_on,
        cancellation_reason: None,
        evaluation_note: None,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
        planned_duration_minutes: None,
        planned_preparation_minutes: None,
        planned_travel_minutes: None,
    };
    let mut faults = Faults::default();
    check_day(work, &row, &mut faults)?;
    faults.add(registration_faults(&row));
    school::check_new(work, &row, &new.speakers, &mut faults)?;
    let convention_id = faults.take(convention_of(work, &row, "/commune_code"))?.flatten();
    faults.finish()?;
    let row = ActionRow { convention_id, ..row };
    details::insert(work.conn, &row, &new.topics, &new.speakers)?;
    work.created(Resource::Action, row.service_id, row.id);
    ops::show(work, row)
}

/// The convention under which an action is delivered; `None` for a kind that is not reserved. Fails with a 422 at
/// `pointer` if no convention covers the commune on the day.
pub(super) fn convention_of(work: &mut Work<'_>, row: &ActionRow, pointer: &str) -> Result<Option<Id>, ApiError> {
    let Some(wanted) = reserved_for(&row.kind) else { return Ok(None) };
    coverage::ops::require(work, row.service_id, &row.commune_code, row.held_on, &wanted, pointer).map(Some)
}

/// The day of an action must not be before the service opened, nor too far ahead; once held, nor in the future.
fn check_day(work: &mut Work<'_>, row: &ActionRow, faults: &mut Faults) -> Result<(), ApiError> {
    let scope = ServiceScope::one(row.service_id);
    let settings = services::ops::settings(work, &scope, row.service_id)?;
    let today = settings.date_of(work.now);
    faults.add(dates::not_before("/held_on", row.held_on, settings.opened_on, "before_opening"));
    if row.status == ActionStatus::Held {
        faults.add(dates::not_in_the_future("/held_on", row.held_on, today));
        return Ok(());
    }
    let last = today.checked_add_months(PLANNED_AHEAD).unwrap_or(NaiveDate::MAX);
    if row.held_on > last {
        let message = Text::new(
            format!("Une action se planifie au plus deux ans à l'avance : le {} au plus tard.", dates::french(last)),
            format!("An action is planned at most two years ahead: on {last} at the latest."),
        );
        faults.add([Fault::new("/held_on", "too_far_ahead", message)]);
    }
    Ok(())
}

/// Registration closes on the day of the action at the latest, and requires a number of places.
fn registration_faults(row: &ActionRow) -> Option<Fault> {
    let last = row.registration_closes_on?;
    if row.places.is_none() {
        let message = Text::new(
            "La clôture des inscriptions suppose un nombre de places.",
            "A last day to register requires a number of places.",
        );
        return Some(Fault::new("/registration_closes_on", "without_places", message));
    }
    (last > row.held_on).then(|| {
        let message = Text::new(
            "Les inscriptions doivent être closes au plus tard le jour de l'action.",
            "Registration must close on the day of the action at the latest.",
        );
        Fault::new("/registration_closes_on", "after_action", message)
    })
}

/// Each type of participant may appear only once.
pub(super) fn participants_faults(participants: &[ActionParticipants]) -> Vec<Fault> {
    let kinds = participants.iter().map(|one| &one.participant_type);
    repeated(kinds, |rank| format!("/participants/{rank}/participant_type"))
}

/// Corrects an action. The result must satisfy the rules of a new action.
pub fn correct(work: &mut Work<'_>, row: &ActionRow, patch: &ActionPatch) -> Result<Action, ApiError> {
    if row.status == ActionStatus::Cancelled {
        let steps = row.status.available_actions();
        return Err(ApiError::wrong_state(row.status.as_str(), steps.iter().map(ActionStep::as_str)));
    }
    seats::lock_only(work, row.id)?;
    let patch = &without_what_is_the_same(work, row, patch)?;
    let mut faults = Faults::default();
    faults.add(state_faults(row, patch));
    let mut new = corrected(row, patch);
    if new == *row && patch.topics.is_none() && patch.speakers.is_none() && patch.participants.is_none() {
        faults.finish()?;
        return ops::show(work, new);
    }
    if new.held_on != row.held_on {
        check_day(work, &new, &mut faults)?;
    }
    if row.status == ActionStatus::Planned {
        faults.add(registration_faults(&new));
        let fault = places_fault(work, row, &new)?;
        faults.add(fault);
    }
    school::check_corrected(work, row, &new, patch, &mut faults)?;
    faults.add(participants_faults(patch.participants.as_deref().unwrap_or_default()));
    let relevant_to_conventions = [
        ("/kind", new.kind != row.kind),
        ("/commune_code", new.commune_code != row.commune_code),
        ("/held_on", new.held_on != row.held_on),
    ];
    if let Some((pointer, _)) = relevant_to_conventions.iter().find(|(_, changed)| *changed) {
        new.convention_id = faults.take(convention_of(work, &new, pointer))?.flatten();
    }
    faults.finish()?;
    if let Some(topics) = &patch.topics {
        details::set_topics(work.conn, row.id, topics)?;
    }
    if let Some(speakers) = &patch.speakers {
        details::set_speakers(work.conn, row.id, speakers)?;
    }
    if let Some(participants) = &patch.participants {
        details::set_participants(work.conn, row.id, participants)?;
    }
    let new = replace(work, row, new)?;
    seats::promote(work, &new)?;
    ops::show(work, new)
}

/// A patch without the lists that the action has already.
fn without_what_is_the_same(
    work: &mut Work<'_>,
    row: &ActionRow,
    patch: &ActionPatch,
) -> Result<ActionPatch, ApiError> {
    let mut patch = patch.clone();
    if patch.topics.is_none() && patch.speakers.is_none() && patch.participants.is_none() {
        return Ok(patch);
    }
    let mut had = details::of(work.conn, &[row.id])?;
    let topics = had.topics.remove(&row.id).unwrap_or_default();
    patch.topics = patch.topics.filter(|given| !given.iter().eq(&topics));
    let speakers = had.speakers.remove(&row.id).unwrap_or_default();
    patch.speakers = patch.speakers.filter(|given| {
        let same = given
            .iter()
            .zip(&speakers)
            .all(|(one, had)| one.role == had.role && one.organisation_id == had.organisation_id);
        given.len() != speakers.len() || !same
    });
    let participants = had.participants.remove(&row.id).unwrap_or_default();
    patch.participants = patch.participants.filter(|given| {
        let same =
            given.iter().all(|one| participants.contains(one)) && participants.iter().all(|one| given.contains(one));
        given.len() != participants.len() || !same
    });
    Ok(patch)
}

/// The row after a patch.
fn corrected(row: &ActionRow, patch: &ActionPatch) -> ActionRow {
    let mut new = row.clone();
    let patch = patch.clone();
    new.kind = patch.kind.unwrap_or(new.kind);
    new.title = patch.title.unwrap_or(new.title);
    new.held_on = patch.held_on.unwrap_or(new.held_on);
    new.starts_at = patch.starts_at.over(new.starts_at);
    new.duration_minutes = patch.duration_minutes.unwrap_or(new.duration_minutes);
    new.preparation_minutes = patch.preparation_minutes.unwrap_or(new.preparation_minutes);
    new.travel_minutes = patch.travel_minutes.unwrap_or(new.travel_minutes);
    new.place = patch.place.unwrap_or(new.place);
    new.commune_code = patch.commune_code.unwrap_or(new.commune_code);
    new.organiser_role = patch.organiser_role.unwrap_or(new.organiser_role);
    new.organiser_id = patch.organiser_id.over(new.organiser_id);
    new.places = patch.places.over(new.places);
    new.registration_closes_on = patch.registration_closes_on.over(new.registration_closes_on);
    new
}

/// The fields of a patch that cannot change in the current state.
fn state_faults(row: &ActionRow, patch: &ActionPatch) -> Vec<Fault> {
    let mut faults = Vec::new();
    let planned = row.status == ActionStatus::Planned;
    if planned && patch.participants.is_some() {
        let message = Text::new(
            "Les participants ne s'indiquent qu'une fois l'action tenue (`hold`).",
            "Participants are recorded once the action has taken place (`hold`).",
        );
        faults.push(Fault::new("/participants", "not_held", message));
    }
    let registration = [
        ("/places", patch.places != Field::Keep),
        ("/registration_closes_on", patch.registration_closes_on != Field::Keep),
    ];
    for (pointer, _) in registration.into_iter().filter(|(_, given)| *given && !planned) {
        let message = Text::new(
            "Les places et la clôture des inscriptions ne se modifient que tant que l'action est prévue.",
            "The places and the last day to register can change only while the action is planned.",
        );
        faults.push(Fault::new(pointer, "not_planned", message));
    }
    faults
}

/// The places must not fall below the seats registered.
fn places_fault(work: &mut Work<'_>, row: &ActionRow, new: &ActionRow) -> Result<Option<Fault>, ApiError> {
    if new.places == row.places {
        return Ok(None);
    }
    let Some(places) = new.places else {
        let message = Text::new(
            "Des inscriptions sont confirmées ou en attente : les annuler d'abord.",
            "Some registrations are confirmed or waiting: cancel them first.",
        );
        let live = seats::any(work, row)?;
        return Ok(live.then(|| Fault::new("/places", "has_registrations", message)));
    };
    let taken = seats::taken(work, row)?;
    Ok((i64::from(places) < taken).then(|| {
        let message = Text::new(
            format!("{} déjà attribuée{}.", seats_fr(taken), if taken > 1 { "s" } else { "" }),
            format!("{} already registered.", seats_en(taken)),
        );
        Fault::new("/places", "fewer_than_registered", message)
    }))
}
