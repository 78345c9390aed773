//! Reading and deleting collective actions.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::NaiveDate;

use super::dto::filter::ActionFilter;
use super::dto::{Action, ActionEvaluation, ActionPage, ActionRating, ActionRegistrationSummary, Surroundings};
use super::model::{self, ActionStatus};
use super::registrations;
use super::registrations::store::Seats;
use super::store::{self, ActionRow, details, pages};
use crate::auth::ServiceScope;
use crate::data_keys::{data_keys, destroy_data_key};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::List;
use crate::nomenclatures::{self, lists};
use crate::privacy::{DataKey, Place, Secret, open_unless_erased};
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// The row of an action of the scope, to be acted upon.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ActionRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One action of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Action, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    show(work, scope, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the actions of the scope.
pub fn list(work: &mut Work<'_>, scope: &ServiceScope, list: &List<ActionFilter>) -> Result<ActionPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let (rows, page) = pages::list(work.conn, &scope, &list.filter, &list.page)?;
    Ok(ActionPage { data: show(work, &scope, rows)?, page })
}

/// Rows with what stands in other tables: one query each, whatever the number of rows.
fn show(work: &mut Work<'_>, scope: &ServiceScope, rows: Vec<ActionRow>) -> Result<Vec<Action>, ApiError> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let noted: Vec<Id> = rows.iter().filter(|row| row.evaluation_note.is_some()).map(|row| row.id).collect();
    let keys = if noted.is_empty() { HashMap::new() } else { data_keys(work, &noted)? };
    let days = days_of(work, &rows)?;
    let mut topics = details::topics(work.conn, &ids)?;
    let mut speakers = details::speakers(work.conn, &ids)?;
    let mut participants = details::participants(work.conn, &ids)?;
    let mut ratings = details::ratings(work.conn, &ids)?;
    let seats = registrations::store::seats(work.conn, scope, &ids)?;
    let shown = |row: ActionRow| {
        let seats = seats.get(&row.id).copied().unwrap_or_default();
        let around = Surroundings {
            topics: topics.remove(&row.id).unwrap_or_default(),
            speakers: speakers.remove(&row.id).unwrap_or_default(),
            participants: participants.remove(&row.id).unwrap_or_default(),
            registration: registration(&row, seats, days.get(&row.service_id).copied()),
            evaluation: evaluation(&row, keys.get(&row.id), ratings.remove(&row.id).unwrap_or_default())?,
        };
        Ok(Action::new(row, around))
    };
    rows.into_iter().map(shown).collect()
}

/// Which day it is where the rows are that take registrations.
fn days_of(work: &mut Work<'_>, rows: &[ActionRow]) -> Result<HashMap<Id, NaiveDate>, ApiError> {
    let mut days = HashMap::new();
    for row in rows.iter().filter(|row| row.places.is_some()) {
        if let Entry::Vacant(unknown) = days.entry(row.service_id) {
            let scope = ServiceScope::one(row.service_id);
            unknown.insert(services::store::settings(work.conn, &scope, row.service_id)?.date_of(work.now));
        }
    }
    Ok(days)
}

/// Where registration stands; none when the action takes none.
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

/// What was thought of an action; none until it is evaluated.
fn evaluation(
    row: &ActionRow,
    key: Option<&DataKey>,
    ratings: Vec<ActionRating>,
) -> Result<Option<ActionEvaluation>, ApiError> {
    if ratings.is_empty() && row.evaluation_note.is_none() {
        return Ok(None);
    }
    let note: Option<Secret<String>> = open_unless_erased(key, note_at(&row.id), row.evaluation_note.as_deref())?;
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

/// Where the note of an evaluation is sealed.
pub(super) fn note_at(id: &Id) -> Place<'_> {
    Place { table: "actions", column: "evaluation_note", row: id.as_str() }
}

/// Writes another version of an action.
pub(super) fn replace(work: &mut Work<'_>, row: &ActionRow, mut new: ActionRow) -> Result<ActionRow, ApiError> {
    new.version = row.version + 1;
    new.updated_at = work.now;
    work.changed(Resource::Action, row.service_id, row.id);
    if store::update(work.conn, row, &new)? { Ok(new) } else { Err(ApiError::overtaken()) }
}

/// Deletes an action that never was. One that somebody registered for, or that a referent's attendance names, stays: the
/// foreign keys decide.
pub fn delete(work: &mut Work<'_>, row: &ActionRow, reason: DeletionReason) -> Result<(), ApiError> {
    registrations::seats::turn(work, row.service_id, row.id)?;
    details::clear(work.conn, row.id)?;
    let deleted = store::delete(work.conn, row).map_err(|error| {
        ApiError::still_named(
            error,
            "Quelqu'un s'est inscrit à cette action, ou une présence de référent la cite : l'annuler plutôt que la supprimer.",
            "Somebody registered for this action, or a referent's attendance names it: cancel it rather than delete it.",
        )
    })?;
    if !deleted {
        return Err(ApiError::overtaken());
    }
    destroy_data_key(work, row.id)?;
    work.deleted(Resource::Action, row.service_id, row.id, reason);
    Ok(())
}
