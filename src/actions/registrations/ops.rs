//! Use cases of registrations. Every change of the seats of an action takes its lock before it reads them.

use super::dto::{
    ActionAttendance, ActionRegistration, ActionRegistrationFilter, ActionRegistrationInput, ActionRegistrationPage,
    ActionRegistrationPatch,
};
use super::model::{ActionRegistrationStatus, ActionRegistrationStep};
use super::seats::{lock, promote, replace, taken};
use super::store;
use crate::actions::faults::{seats_en, seats_fr};
use crate::actions::model::{ActionStatus, ActionStep};
use crate::actions::school;
use crate::actions::store::{self as actions, ActionRow};
use crate::auth::ServiceScope;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Fault, Faults, Text};
use crate::http::page::List;
use crate::naming::ops::named;
use crate::organisations;
use crate::services::ops::today;
use crate::trail::Resource;
use crate::work::Work;

pub use super::store::RegistrationRow;

/// The row of a registration of the scope, for an operation that changes it.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<RegistrationRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One registration of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ActionRegistration, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    let action = actions::get(work.conn, scope, row.action_id)?;
    show(work, &action, row)
}

/// A registration as it was read or written.
fn show(work: &mut Work<'_>, action: &ActionRow, row: RegistrationRow) -> Result<ActionRegistration, ApiError> {
    registrations(work, action, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the registrations for an action of the scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    action: Id,
    list: &List<ActionRegistrationFilter>,
) -> Result<ActionRegistrationPage, ApiError> {
    let action = actions::get(work.conn, scope, action)?;
    let (rows, page) = store::list(work.conn, scope, action.id, &list.filter, &list.page)?;
    Ok(ActionRegistrationPage { data: registrations(work, &action, rows)?, page })
}

/// Registrations of one action, with their position in the queue and the actions allowed.
fn registrations(
    work: &mut Work<'_>,
    action: &ActionRow,
    rows: Vec<RegistrationRow>,
) -> Result<Vec<ActionRegistration>, ApiError> {
    let day_has_come = action.held_on <= today(work, action.service_id)?;
    let some_wait = rows.iter().any(|row| row.status == ActionRegistrationStatus::Waiting);
    let scope = ServiceScope::one(action.service_id);
    let queue = if some_wait { store::queue(work.conn, &scope, action.id)? } else { Vec::new() };
    let registration = |row: RegistrationRow| ActionRegistration {
        id: row.id,
        service_id: row.service_id,
        action_id: row.action_id,
        organisation_id: row.organisation_id,
        organisation_name: None,
        participant_type: row.participant_type,
        seats: row.seats,
        status: row.status,
        available_actions: row.status.available_actions(action.status, day_has_come),
        queue_position: (1i64..).zip(&queue).find(|(_, id)| **id == row.id).map(|(position, _)| position),
        attended: row.attended,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    let shown: Vec<ActionRegistration> = rows.into_iter().map(registration).collect();
    named(work, shown)
}

/// Registers for an action: with its seats if enough are free, in the queue otherwise.
pub fn create(
    work: &mut Work<'_>,
    action: &ActionRow,
    new: &ActionRegistrationInput,
) -> Result<ActionRegistration, ApiError> {
    let action = lock(work, action.service_id, action.id)?;
    if action.status != ActionStatus::Planned {
        return Err(wrong_state(&action));
    }
    let Some(places) = action.places else {
        let message =
            Text::new("Cette action n'est pas ouverte aux inscriptions.", "This action takes no registrations.");
        return Err(ApiError::rule("", "no_registration", message));
    };
    let mut faults = Faults::default();
    let last = action.registration_ends_on();
    if last < today(work, action.service_id)? {
        let message = Text::new(
            format!("Les inscriptions ont été closes le {}.", dates::french(last)),
            format!("Registration closed on {last}."),
        );
        faults.add([Fault::new("", "registration_closed", message)]);
    }
    faults.add(too_many_seats(new.seats, places));
    let named = [("/organisation_id", new.organisation_id)];
    let found = organisations::ops::find_named(work, action.service_id, &named, &mut faults)?;
    let organisation = found.values().next().map(|organisation| &organisation.kind);
    faults.add(school::registration_faults(&action, &new.participant_type, organisation));
    faults.finish()?;
    let fits = i64::from(new.seats) <= i64::from(places) - taken(work, &action)?;
    let row = RegistrationRow {
        // Identifiers increase, so requests of the same instant keep their order in the queue.
        id: Id::next(work.now),
        service_id: action.service_id,
        action_id: action.id,
        organisation_id: new.organisation_id,
        participant_type: new.participant_type.clone(),
        seats: new.seats,
        status: if fits { ActionRegistrationStatus::Registered } else { ActionRegistrationStatus::Waiting },
        attended: None,
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert(work.conn, &row)?;
    work.created(Resource::ActionRegistration, row.service_id, row.id);
    show(work, &action, row)
}

/// Registration requires a planned action.
fn wrong_state(action: &ActionRow) -> ApiError {
    let steps = action.status.available_actions();
    ApiError::wrong_state(action.status.as_str(), steps.iter().map(ActionStep::as_str))
}

/// A registration for more seats than the action has places would wait forever.
fn too_many_seats(seats: i32, places: i32) -> Option<Fault> {
    (seats > places).then(|| {
        let message = Text::new(
            format!("L'action compte {} en tout.", seats_fr(places.into())),
            format!("The action has {} in total.", seats_en(places.into())),
        );
        Fault::new("/seats", "more_than_places", message)
    })
}

/// Corrects a registration.
pub fn correct(
    work: &mut Work<'_>,
    row: &RegistrationRow,
    patch: ActionRegistrationPatch,
) -> Result<ActionRegistration, ApiError> {
    let action = lock(work, row.service_id, row.action_id)?;
    if row.status == ActionRegistrationStatus::Cancelled {
        return Err(ApiError::wrong_state(row.status.as_str(), std::iter::empty()));
    }
    let mut faults = Faults::default();
    let seats = patch.seats.unwrap_or(row.seats);
    if seats != row.seats {
        let fault = seats_fault(work, &action, row, seats)?;
        faults.add(fault);
    }
    let mut new = row.clone();
    new.seats = seats;
    new.participant_type = patch.participant_type.unwrap_or(new.participant_type);
    let named = [("/organisation_id", patch.organisation_id.value().copied())];
    let found = organisations::ops::find_named(work, row.service_id, &named, &mut faults)?;
    let organisation = found.values().next().map(|organisation| &organisation.kind);
    if new.participant_type != row.participant_type || organisation.is_some() {
        faults.add(school::registration_faults(&action, &new.participant_type, organisation));
    }
    faults.finish()?;
    new.organisation_id = patch.organisation_id.over(row.organisation_id);
    if new == *row {
        return show(work, &action, new);
    }
    let new = replace(work, row, new)?;
    let new = promote(work, &action)?.into_iter().find(|promoted| promoted.id == new.id).unwrap_or(new);
    show(work, &action, new)
}

/// The fault of a new number of seats, if it is not allowed.
fn seats_fault(
    work: &mut Work<'_>,
    action: &ActionRow,
    row: &RegistrationRow,
    seats: i32,
) -> Result<Option<Fault>, ApiError> {
    let fault = |rule: &'static str, message| Ok(Some(Fault::new("/seats", rule, message)));
    let (ActionStatus::Planned, Some(places)) = (action.status, action.places) else {
        let message = Text::new(
            "Le nombre de places d'une inscription ne se modifie que tant que l'action est prévue.",
            "The seats of a registration can change only while the action is planned.",
        );
        return fault("not_planned", message);
    };
    match row.status {
        ActionRegistrationStatus::Waiting => Ok(too_many_seats(seats, places)),
        ActionRegistrationStatus::Registered => {
            let more = i64::from(seats - row.seats);
            if more <= 0 {
                return Ok(None);
            }
            let free = i64::from(places) - taken(work, action)?;
            if more <= free {
                return Ok(None);
            }
            let message = Text::new(
                format!("Places supplémentaires demandées : {more} ; places libres : {free}."),
                format!("Additional seats requested: {more}; free seats: {free}."),
            );
            fault("no_seats_left", message)
        }
        _ => {
            let message = Text::new("La présence est déjà enregistrée.", "Attendance is already recorded.");
            fault("attendance_noted", message)
        }
    }
}

/// Cancels a registration. Its seats go to the waiting registrations.
pub fn cancel(work: &mut Work<'_>, row: &RegistrationRow) -> Result<ActionRegistration, ApiError> {
    let action = lock(work, row.service_id, row.action_id)?;
    require_step(work, &action, row, ActionRegistrationStep::Cancel)?;
    let new = replace(work, row, RegistrationRow { status: ActionRegistrationStatus::Cancelled, ..row.clone() })?;
    promote(work, &action)?;
    show(work, &action, new)
}

/// Refuses an action that is not allowed now, with a 409 that lists the actions allowed.
fn require_step(
    work: &mut Work<'_>,
    action: &ActionRow,
    row: &RegistrationRow,
    step: ActionRegistrationStep,
) -> Result<(), ApiError> {
    let day_has_come = action.held_on <= today(work, action.service_id)?;
    let steps = row.status.available_actions(action.status, day_has_come);
    if steps.contains(&step) {
        return Ok(());
    }
    Err(ApiError::wrong_state(row.status.as_str(), steps.iter().map(ActionRegistrationStep::as_str)))
}

/// Records how many seats of a registration were used. It can be recorded again.
pub fn attend(
    work: &mut Work<'_>,
    row: &RegistrationRow,
    attendance: &ActionAttendance,
) -> Result<ActionRegistration, ApiError> {
    let action = lock(work, row.service_id, row.action_id)?;
    require_step(work, &action, row, ActionRegistrationStep::Attendance)?;
    if attendance.attended > row.seats {
        let message = Text::new(
            format!("L'inscription compte {}.", seats_fr(row.seats.into())),
            format!("The registration has {}.", seats_en(row.seats.into())),
        );
        return Err(ApiError::rule("/attended", "more_than_seats", message));
    }
    let came = attendance.attended > 0;
    let status = if came { ActionRegistrationStatus::Attended } else { ActionRegistrationStatus::Absent };
    let new = replace(work, row, RegistrationRow { status, attended: Some(attendance.attended), ..row.clone() })?;
    show(work, &action, new)
}
