//! The seats of an action: registrations that hold seats, that wait, and that are promoted.

use std::collections::BTreeMap;

use super::model::{ActionRegistrationStatus, promoted};
use super::store::{self, RegistrationRow};
use crate::actions::dto::ActionParticipants;
use crate::actions::model::ActionStatus;
use crate::actions::store::{self as actions, ActionRow};
use crate::auth::ServiceScope;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Text};
use crate::trail::Resource;
use crate::work::Work;

/// Takes the lock of an action and reads the action again. No other transaction changes its seats until the end of this
/// one.
pub(in crate::actions) fn lock(work: &mut Work<'_>, service: Id, action: Id) -> Result<ActionRow, ApiError> {
    lock_only(work, action)?;
    Ok(actions::get(work.conn, &ServiceScope::one(service), action)?)
}

/// Takes the lock of an action whose version is checked when it is written.
pub(in crate::actions) fn lock_only(work: &mut Work<'_>, action: Id) -> Result<(), ApiError> {
    work.lock_one(Lock::Action, action)
}

/// The seats of an action that are registered.
pub(in crate::actions) fn taken(work: &mut Work<'_>, action: &ActionRow) -> Result<i64, ApiError> {
    let scope = ServiceScope::one(action.service_id);
    Ok(store::seats(work.conn, &scope, &[action.id])?.remove(&action.id).unwrap_or_default().registered)
}

/// Whether an action has a registration that is not cancelled.
pub(in crate::actions) fn any(work: &mut Work<'_>, action: &ActionRow) -> Result<bool, ApiError> {
    let scope = ServiceScope::one(action.service_id);
    Ok(!store::live(work.conn, &scope, action.id)?.is_empty())
}

/// Writes the next version of a registration.
pub(super) fn replace(
    work: &mut Work<'_>,
    row: &RegistrationRow,
    mut new: RegistrationRow,
) -> Result<RegistrationRow, ApiError> {
    new.version = row.version + 1;
    new.updated_at = work.now;
    work.changed(Resource::ActionRegistration, row.service_id, row.id);
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    Ok(new)
}

/// Promotes the waiting registrations that fit, by the rule of [`promoted`]. Call it under the lock of the action,
/// after any change that frees seats. Returns those that were promoted.
pub(in crate::actions) fn promote(work: &mut Work<'_>, action: &ActionRow) -> Result<Vec<RegistrationRow>, ApiError> {
    let (ActionStatus::Planned, Some(places)) = (action.status, action.places) else { return Ok(Vec::new()) };
    let live = store::live(work.conn, &ServiceScope::one(action.service_id), action.id)?;
    let taken = live.iter().filter(|row| row.status.has_seats()).map(|row| i64::from(row.seats)).sum();
    let waiting: Vec<RegistrationRow> =
        live.into_iter().filter(|row| row.status == ActionRegistrationStatus::Waiting).collect();
    let seats: Vec<i32> = waiting.iter().map(|row| row.seats).collect();
    let mut rows = Vec::new();
    for rank in promoted(i64::from(places), taken, &seats) {
        if let Some(row) = waiting.get(rank) {
            let new = RegistrationRow { status: ActionRegistrationStatus::Registered, ..row.clone() };
            rows.push(replace(work, row, new)?);
        }
    }
    Ok(rows)
}

/// Cancels the registrations of a cancelled action. Refused if attendance is recorded for one of them: the action took
/// place.
pub(in crate::actions) fn cancel_all(work: &mut Work<'_>, action: &ActionRow) -> Result<(), ApiError> {
    let live = store::live(work.conn, &ServiceScope::one(action.service_id), action.id)?;
    if live.iter().any(|row| row.status == ActionRegistrationStatus::Attended) {
        let message = Text::new(
            "Des présences sont enregistrées : l'action a donc eu lieu. Les corriger d'abord.",
            "Attendance is recorded, so the action took place: correct it first.",
        );
        return Err(ApiError::rule("", "attendance_noted", message));
    }
    for row in &live {
        work.changed(Resource::ActionRegistration, row.service_id, row.id);
    }
    ApiError::require_first(live.is_empty() || store::cancel(work.conn, action.id, work.now)? == live.len())
}

/// The attendance recorded in the registrations of an action, by type of participant, in the order of codes.
pub(in crate::actions) fn attendance(
    work: &mut Work<'_>,
    action: &ActionRow,
) -> Result<Vec<ActionParticipants>, ApiError> {
    let mut sums = BTreeMap::new();
    for row in store::live(work.conn, &ServiceScope::one(action.service_id), action.id)? {
        *sums.entry(row.participant_type).or_insert(0) += row.attended.unwrap_or(0);
    }
    let came = sums.into_iter().filter(|(_, number)| *number > 0);
    Ok(came.map(|(participant_type, number)| ActionParticipants { participant_type, number }).collect())
}
