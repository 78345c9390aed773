//! Use cases of registrations. Whatever changes the seats of an action takes its turn before it reads them.

use chrono::NaiveDate;

use super::dto::{
    ActionAttendance, ActionRegistration, ActionRegistrationFilter, ActionRegistrationPage, ActionRegistrationPatch,
    NewActionRegistration,
};
use super::model::{ActionRegistrationStatus, ActionRegistrationStep};
use super::seats::{promote, replace, taken, turn};
use super::store;
use crate::actions::faults::Faults;
use crate::actions::model::{ActionStatus, ActionStep};
use crate::actions::store::{self as actions, ActionRow};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Fault, Text};
use crate::http::Field;
use crate::http::page::List;
use crate::trail::Resource;
use crate::work::Work;
use crate::{organisations, services};

pub use super::store::RegistrationRow;

/// Which day it is where an action is.
fn today(work: &mut Work<'_>, service: Id) -> Result<NaiveDate, ApiError> {
    Ok(services::store::settings(work.conn, &ServiceScope::one(service), service)?.date_of(work.now))
}

/// The row of a registration of the scope, to be acted upon.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<RegistrationRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One registration of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ActionRegistration, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    let action = actions::get(work.conn, scope, row.action_id)?;
    show(work, &action, vec![row])?.pop().ok_or_else(ApiError::not_found)
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
    Ok(ActionRegistrationPage { data: show(work, &action, rows)?, page })
}

/// Rows of one action with what follows from it.
fn show(
    work: &mut Work<'_>,
    action: &ActionRow,
    rows: Vec<RegistrationRow>,
) -> Result<Vec<ActionRegistration>, ApiError> {
    let day_has_come = action.held_on <= today(work, action.service_id)?;
    let waits = rows.iter().any(|row| row.status == ActionRegistrationStatus::Waiting);
    let scope = ServiceScope::one(action.service_id);
    let queue = if waits { store::queue(work.conn, &scope, action.id)? } else { Vec::new() };
    let shown = |row: RegistrationRow| {
        let place = (1i64..).zip(&queue).find(|(_, id)| **id == row.id).map(|(place, _)| place);
        let steps = row.status.available_actions(action.status, day_has_come);
        ActionRegistration::new(row, steps, place)
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// Registers for an action: with its seats when all of them are free, in the queue otherwise.
pub fn create(
    work: &mut Work<'_>,
    action: &ActionRow,
    new: &NewActionRegistration,
) -> Result<ActionRegistration, ApiError> {
    let action = turn(work, action.service_id, action.id)?;
    if action.status != ActionStatus::Planned {
        return Err(wrong_state(&action));
    }
    let Some(places) = action.places else {
        let message = Text::new("Cette action ne prend pas d'inscriptions.", "This action takes no registrations.");
        return Err(ApiError::rule("", "no_registration", message));
    };
    let mut faults = Faults::default();
    let last = action.registration_ends_on();
    if last < today(work, action.service_id)? {
        let message = Text::new(
            format!("Les inscriptions sont closes depuis le {last}."),
            format!("Registration closed on {last}."),
        );
        faults.add([Fault::new("", "registration_closed", message)]);
    }
    faults.add(never_fits(new.seats, places));
    if let Some(organisation) = new.organisation_id {
        let found = organisations::ops::require(work, action.service_id, organisation, "/organisation_id");
        faults.take(found)?;
    }
    faults.settle()?;
    let fits = i64::from(new.seats) <= i64::from(places) - taken(work, &action)?;
    let row = RegistrationRow {
        // Of two who ask at the same instant, the first is before in the queue.
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
    get(work, &ServiceScope::one(row.service_id), row.id)
}

/// The action is not planned: nobody registers for it.
fn wrong_state(action: &ActionRow) -> ApiError {
    let steps = action.status.available_actions();
    ApiError::wrong_state(action.status.as_str(), steps.iter().map(ActionStep::as_str))
}

/// More seats than the action has places would wait for ever.
fn never_fits(seats: i32, places: i32) -> Option<Fault> {
    (seats > places).then(|| {
        let message = Text::new(
            format!("L'action a {places} place(s) en tout."),
            format!("The action has {places} place(s) in all."),
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
    let action = turn(work, row.service_id, row.action_id)?;
    if row.status == ActionRegistrationStatus::Cancelled {
        return Err(ApiError::wrong_state(row.status.as_str(), std::iter::empty()));
    }
    let mut faults = Faults::default();
    let seats = patch.seats.unwrap_or(row.seats);
    if seats != row.seats {
        let fault = seats_fault(work, &action, row, seats)?;
        faults.add(fault);
    }
    if let Field::Set(organisation) = patch.organisation_id {
        let found = organisations::ops::require(work, row.service_id, organisation, "/organisation_id");
        faults.take(found)?;
    }
    faults.settle()?;
    let mut new = row.clone();
    new.seats = seats;
    new.participant_type = patch.participant_type.unwrap_or(new.participant_type);
    new.organisation_id = patch.organisation_id.over(row.organisation_id);
    replace(work, row, new)?;
    promote(work, &action)?;
    get(work, &ServiceScope::one(row.service_id), row.id)
}

/// Why a registration cannot have so many seats.
fn seats_fault(
    work: &mut Work<'_>,
    action: &ActionRow,
    row: &RegistrationRow,
    seats: i32,
) -> Result<Option<Fault>, ApiError> {
    let fault = |rule: &'static str, message| Ok(Some(Fault::new("/seats", rule, message)));
    let (ActionStatus::Planned, Some(places)) = (action.status, action.places) else {
        let message = Text::new(
            "Les places d'une inscription changent tant que l'action est prévue.",
            "Seats of a registration change while the action is planned.",
        );
        return fault("not_planned", message);
    };
    match row.status {
        ActionRegistrationStatus::Waiting => Ok(never_fits(seats, places)),
        ActionRegistrationStatus::Registered => {
            let free = i64::from(places) - taken(work, action)?;
            let more = i64::from(seats - row.seats);
            if more <= free {
                return Ok(None);
            }
            let message = Text::new(
                format!("{more} place(s) de plus, et {free} de libre(s)."),
                format!("{more} seat(s) more, and {free} free."),
            );
            fault("no_seats_left", message)
        }
        _ => {
            let message = Text::new("La présence est notée.", "Attendance is noted.");
            fault("attendance_noted", message)
        }
    }
}

/// Gives the seats of a registration back, to whoever waits for them.
pub fn cancel(work: &mut Work<'_>, row: &RegistrationRow) -> Result<ActionRegistration, ApiError> {
    let action = turn(work, row.service_id, row.action_id)?;
    in_turn(work, &action, row, ActionRegistrationStep::Cancel)?;
    replace(work, row, RegistrationRow { status: ActionRegistrationStatus::Cancelled, ..row.clone() })?;
    promote(work, &action)?;
    get(work, &ServiceScope::one(row.service_id), row.id)
}

/// Refuses what does not apply to a registration now, and says what does.
fn in_turn(
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

/// Notes how many seats of a registration were taken. It may be noted again.
pub fn attend(
    work: &mut Work<'_>,
    row: &RegistrationRow,
    who: &ActionAttendance,
) -> Result<ActionRegistration, ApiError> {
    let action = turn(work, row.service_id, row.action_id)?;
    in_turn(work, &action, row, ActionRegistrationStep::Attendance)?;
    if who.attended > row.seats {
        let seats = row.seats;
        let message =
            Text::new(format!("L'inscription a {seats} place(s)."), format!("The registration has {seats} seat(s)."));
        return Err(ApiError::rule("/attended", "more_than_seats", message));
    }
    let came = who.attended > 0;
    let status = if came { ActionRegistrationStatus::Attended } else { ActionRegistrationStatus::Absent };
    replace(work, row, RegistrationRow { status, attended: Some(who.attended), ..row.clone() })?;
    get(work, &ServiceScope::one(row.service_id), row.id)
}
