//! Reading and deleting collective actions.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::dto::filter::ActionFilter;
use super::dto::{
    Action, ActionEvaluation, ActionPage, ActionParticipants, ActionRating, ActionRegistrationSummary, ActionSpeaker,
};
use super::model::{self, ActionStatus};
use super::registrations;
use super::registrations::store::Seats;
use super::store::{self, ActionRow, details, pages};
use crate::auth::ServiceScope;
use crate::data_keys::{data_keys, destroy_data_key};
use crate::db::{Id, Lock};
use crate::error::ApiError;
use crate::http::page::List;
use crate::naming::ops::named;
use crate::nomenclatures::codes::ActionTopic;
use crate::nomenclatures::{self, lists};
use crate::privacy::{DataKey, Place, Secret, open_unless_erased};
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// The row of an action of the scope, for an operation that changes it.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ActionRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// [`find`] for a step of the life cycle: the lock of the action comes before its registrations.
pub fn find_to_act(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ActionRow, ApiError> {
    let row = find(work, scope, id)?;
    work.lock_first(Lock::Action, row.id);
    Ok(row)
}

/// One action of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Action, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    actions(work, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// An action as it was just written.
pub(super) fn show(work: &mut Work<'_>, row: ActionRow) -> Result<Action, ApiError> {
    actions(work, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the actions of the scope.
pub fn list(work: &mut Work<'_>, scope: &ServiceScope, list: &List<ActionFilter>) -> Result<ActionPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let (rows, page) = pages::list(work.conn, &scope, &list.filter, &list.page)?;
    Ok(ActionPage { data: actions(work, rows)?, page })
}

/// Actions with their details. One query per table, whatever the number of rows.
fn actions(work: &mut Work<'_>, rows: Vec<ActionRow>) -> Result<Vec<Action>, ApiError> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let with_note: Vec<Id> = rows.iter().filter(|row| row.evaluation_note.is_some()).map(|row| row.id).collect();
    let keys = if with_note.is_empty() { HashMap::new() } else { data_keys(work, &with_note)? };
    let services: Vec<Id> = rows.iter().map(|row| row.service_id).collect();
    let days = services::ops::days(work, &services)?;
    let details::Details { mut topics, mut speakers, mut participants, mut ratings, seats } =
        details::of(work.conn, &ids)?;
    let with_details = |row: ActionRow| {
        let seats = seats.get(&row.id).copied().unwrap_or_default();
        let details = Details {
            topics: topics.remove(&row.id).unwrap_or_default(),
            speakers: speakers.remove(&row.id).unwrap_or_default(),
            participants: participants.remove(&row.id).unwrap_or_default(),
            registration: registration(&row, seats, days.get(&row.service_id).copied()),
            evaluation: evaluation(&row, keys.get(&row.id), ratings.remove(&row.id).unwrap_or_default())?,
        };
        let today = days.get(&row.service_id).copied().ok_or_else(ApiError::not_found)?;
        Ok(action(row, details, today))
    };
    let shown = rows.into_iter().map(with_details).collect::<Result<Vec<_>, ApiError>>()?;
    named(work, shown)
}

/// What an action has in other tables.
struct Details {
    topics: Vec<ActionTopic>,
    speakers: Vec<ActionSpeaker>,
    participants: Vec<ActionParticipants>,
    registration: Option<ActionRegistrationSummary>,
    evaluation: Option<ActionEvaluation>,
}

/// An action with its details.
fn action(row: ActionRow, details: Details, today: NaiveDate) -> Action {
    let sum = details.participants.iter().map(|one| i64::from(one.number)).sum();
    Action {
        id: row.id,
        service_id: row.service_id,
        kind: row.kind,
        title: row.title,
        status: row.status,
        available_actions: row.status.actions_on(row.held_on, today),
        held_on: row.held_on,
        starts_at: row.starts_at,
        duration_minutes: row.duration_minutes,
        preparation_minutes: row.preparation_minutes,
        travel_minutes: row.travel_minutes,
        place: row.place,
        commune_name: row.commune_code.name(),
        commune_code: row.commune_code,
        topics: details.topics,
        organiser_role: row.organiser_role,
        organiser_id: row.organiser_id,
        organiser_name: None,
        speakers: details.speakers,
        reserved: row.convention_id.is_some(),
        convention_id: row.convention_id,
        convention_name: None,
        participant_count: if details.participants.is_empty() { None } else { Some(sum) },
        participants: details.participants,
        places: row.places,
        registration_closes_on: row.registration_closes_on,
        registration: details.registration,
        cancellation_reason: row.cancellation_reason,
        evaluation: details.evaluation,
        author: row.author,
        author_name: None,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// The state of registration; `None` if the action takes no registrations.
fn registration(row: &ActionRow, seats: Seats, today: Option<NaiveDate>) -> Option<ActionRegistrationSummary> {
    let places = row.places?;
    Some(ActionRegistrationSummary {
        places,
        open: row.status == ActionStatus::Planned && today.is_some_and(|today| today <= row.registration_ends_on()),
        registered_seats: seats.registered,
        waiting_seats: seats.waiting,
        free_seats: (i64::from(places) - seats.registered).max(0),
        attended_seats: seats.attended,
    })
}

/// The evaluation of an action; `None` until it is recorded.
fn evaluation(
    row: &ActionRow,
    key: Option<&DataKey>,
    ratings: Vec<ActionRating>,
) -> Result<Option<ActionEvaluation>, ApiError> {
    if ratings.is_empty() && row.evaluation_note.is_none() {
        return Ok(None);
    }
    let note: Option<Secret<String>> = open_unless_erased(key, note_place(&row.id), row.evaluation_note.as_deref())?;
    let answers = ratings.iter().map(|one| i64::from(one.number)).sum();
    let values: Vec<(i64, i64)> = ratings.iter().map(|one| (value_of(one), i64::from(one.number))).collect();
    let mut ratings = if answers < model::FEWEST_ANSWERS { Vec::new() } else { ratings };
    ratings.sort_by_key(value_of);
    Ok(Some(ActionEvaluation { answers, mean: model::mean_hundredths(&values).map(hundredths), ratings, note }))
}

/// The value of a rating on its scale.
fn value_of(rating: &ActionRating) -> i64 {
    let scale = nomenclatures::list(lists::SATISFACTION_SCALE);
    scale.and_then(|scale| scale.get(rating.rating.as_str())?.number("value")).unwrap_or_default()
}

/// A number of hundredths as a decimal.
#[expect(clippy::cast_precision_loss, reason = "hundredths of a mean or a rate are far below 2^52")]
pub(super) fn hundredths(number: i64) -> f64 {
    number as f64 / 100.0
}

/// The place to which the sealed note of an evaluation is bound.
pub(super) fn note_place(id: &Id) -> Place<'_> {
    Place { table: "actions", column: "evaluation_note", row: id.as_str() }
}

/// Writes the next version of an action.
pub(super) fn replace(work: &mut Work<'_>, row: &ActionRow, mut new: ActionRow) -> Result<ActionRow, ApiError> {
    new.version = row.version + 1;
    new.updated_at = work.now;
    work.changed(Resource::Action, row.service_id, row.id);
    if store::update(work.conn, row, &new)? { Ok(new) } else { Err(ApiError::version_conflict()) }
}

/// Deletes an action recorded by mistake. Foreign keys refuse it if the action has registrations, or if the attendance
/// of a referent refers to it.
pub fn delete(work: &mut Work<'_>, row: &ActionRow, reason: DeletionReason) -> Result<(), ApiError> {
    registrations::seats::lock_only(work, row.id)?;
    details::clear(work.conn, row.id)?;
    let deleted = store::delete(work.conn, row).map_err(|error| {
        ApiError::still_referenced(
            error,
            "Cette action a des inscriptions, ou figure parmi les présences du réseau de référents : l'annuler plutôt que la supprimer.",
            "This action has registrations, or the attendance of a referent refers to it: cancel it instead of deleting it.",
        )
    })?;
    ApiError::require_first(deleted)?;
    destroy_data_key(work, row.id)?;
    work.deleted(Resource::Action, row.service_id, row.id, reason);
    Ok(())
}
