//! Setting, reading, correcting and deleting goals.

use chrono::NaiveDate;

use super::dto::{Goal, GoalFilter, GoalInput, GoalPage, GoalPatch};
use super::reviews;
use super::store::{self, GoalRow, ReviewRow};
use crate::auth::ServiceScope;
use crate::cases::common::{in_path, reading_key, require_action, touch};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::ops::{self as corrections, Corrector};
use crate::cases::model::CaseAction;
use crate::cases::store::{self as cases, CaseRow};
use crate::data_keys;
use crate::dates;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Fault};
use crate::http::Field;
use crate::http::page::List;
use crate::naming::ops::named;
use crate::privacy::{self, DataKey, Place, Secret};
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Sets a goal.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, case: &CaseRow, new: &GoalInput) -> Result<Goal, ApiError> {
    let today = require_action(work, scope, case, CaseAction::SetGoal)?;
    let id = Id::at(work.now);
    let key = data_keys::data_key(work, case.key_owner())?;
    let row = GoalRow {
        id,
        service_id: case.service_id,
        case_id: case.id,
        title: key.seal(title_at(&id), &new.title)?,
        set_on: new.set_on,
        target_on: new.target_on,
        closed_on: None,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    ApiError::reject_if_any(faults(&row, case, &[], today))?;
    touch(work, scope, case, &Field::Keep)?;
    store::insert(work.conn, &row)?;
    work.created_in(case.id, Resource::Goal, row.service_id, id);
    let shown = goal(row, Vec::new(), Some(&key))?;
    named(work, shown)
}

/// The faults of the dates of a goal with some reviews.
fn faults(row: &GoalRow, case: &CaseRow, reviews: &[ReviewRow], today: NaiveDate) -> Vec<Fault> {
    let first_review = reviews.first().map(|review| review.reviewed_on);
    let last_review = reviews.last().map(|review| review.reviewed_on);
    [
        dates::not_in_the_future("/set_on", row.set_on, today),
        dates::not_before("/set_on", row.set_on, case.opened_on, "before_opening"),
        first_review.and_then(|day| dates::not_after("/set_on", row.set_on, day, "after_first_review")),
        row.target_on.and_then(|day| dates::not_before("/target_on", day, row.set_on, "before_goal")),
        row.target_on.and_then(|day| dates::not_too_far_ahead("/target_on", day, today)),
        row.closed_on.and_then(|day| dates::not_in_the_future("/closed_on", day, today)),
        row.closed_on.and_then(|day| dates::not_before("/closed_on", day, row.set_on, "before_goal")),
        row.closed_on
            .zip(last_review)
            .filter(|(day, _)| *day >= row.set_on)
            .and_then(|(day, last)| dates::not_before("/closed_on", day, last, "before_last_review")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A page of the goals of a case.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: Id,
    list: &List<GoalFilter>,
) -> Result<GoalPage, ApiError> {
    let case = in_path(work, scope, case)?;
    let (rows, info) = store::list(work.conn, scope, case.id, &list.filter, &list.page)?;
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut reviews = store::reviews(work.conn, &ids)?;
    let key = reading_key(work, &case)?;
    let of_row = |row: GoalRow| {
        let reviews = reviews.remove(&row.id).unwrap_or_default();
        goal(row, reviews, key.as_ref())
    };
    let data = rows.into_iter().map(of_row).collect::<Result<Vec<_>, ApiError>>()?;
    Ok(GoalPage { data: named(work, data)?, page: info })
}

/// The row of a goal in scope, for a use case to change; 404 if there is none. Takes the lock of the goal: its dates and
/// those of its reviews are checked against one another.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<GoalRow, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    work.lock_first(Lock::Goal, row.id);
    Ok(row)
}

/// One goal in scope, opened.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Goal, ApiError> {
    let (row, case, reviews) = store::whole(work.conn, scope, id)?;
    let key = reading_key(work, &case)?;
    goal(row, reviews, key.as_ref())
}

/// Corrects a goal, or closes it.
pub fn correct(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    row: &GoalRow,
    patch: GoalPatch,
) -> Result<Goal, ApiError> {
    let (_, case, reviews) = store::whole(work.conn, scope, row.id)?;
    let today = services::ops::today(work, case.service_id)?;
    let key = data_keys::data_key(work, case.key_owner())?;
    let mut new = row.clone();
    let title: Secret<String> = key.open(title_at(&row.id), &row.title)?;
    let said = patch.title.as_ref().unwrap_or(&title);
    if said.reveal() != title.reveal() {
        new.title = key.seal(title_at(&row.id), said)?;
    }
    new.set_on = patch.set_on.unwrap_or(new.set_on);
    new.target_on = patch.target_on.over(new.target_on);
    new.closed_on = patch.closed_on.over(new.closed_on);
    if new == *row {
        return goal(new, reviews, Some(&key));
    }
    let changes = between(&values(row, Some(&title)), Some(&values(&new, Some(said))));
    // Anybody closes a goal or gives it a target day; the rest is a correction.
    if changes.iter().any(|change| change.before.is_some()) {
        corrector.require(work, row.service_id, &row.author)?;
    }
    ApiError::reject_if_any(faults(&new, &case, &reviews, today))?;
    let correction = corrections::row(work, corrections::corrected(&case, row, None), &changes)?;
    touch(work, scope, &case, &Field::Keep)?;
    new.version = row.version + 1;
    new.updated_at = work.now;
    ApiError::require_first(store::correct(work.conn, row, &new, &correction)?)?;
    work.changed_in(case.id, Resource::Goal, new.service_id, new.id);
    goal(new, reviews, Some(&key))
}

/// Deletes a goal without reviews: the foreign key refuses one with reviews.
pub fn delete(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    row: &GoalRow,
    reason: DeletionReason,
) -> Result<(), ApiError> {
    corrector.require(work, row.service_id, &row.author)?;
    let case = cases::get(work.conn, scope, row.case_id)?;
    let key = data_keys::data_keys(work, &[case.key_owner()])?.remove(&case.key_owner());
    let title: Option<Secret<String>> =
        privacy::open_unless_erased(key.as_ref(), title_at(&row.id), Some(row.title.as_slice()))?;
    let changes = between(&values(row, title.as_ref()), None);
    let correction = corrections::row(work, corrections::corrected(&case, row, Some(reason)), &changes)?;
    touch(work, scope, &case, &Field::Keep)?;
    let deleted = store::remove(work.conn, row, &correction).map_err(|error| {
        ApiError::still_referenced(
            error,
            "Cet objectif a des bilans : lui donner une date de fin (`closed_on`) au lieu de le supprimer.",
            "This goal has reviews: give it a `closed_on` instead of deleting it.",
        )
    })?;
    ApiError::require_first(deleted)?;
    work.deleted_in(case.id, Resource::Goal, row.service_id, row.id, reason);
    Ok(())
}

/// What a correction compares.
fn values(row: &GoalRow, title: Option<&Secret<String>>) -> serde_json::Value {
    serde_json::json!({"title": title, "set_on": row.set_on, "target_on": row.target_on, "closed_on": row.closed_on})
}

fn goal(row: GoalRow, reviews: Vec<ReviewRow>, key: Option<&DataKey>) -> Result<Goal, ApiError> {
    let latest = reviews.last().map(|review| (review.attainment, review.reviewed_on));
    Ok(Goal {
        title: privacy::open_unless_erased(key, title_at(&row.id), Some(&row.title))?,
        reviews: reviews.into_iter().map(|review| reviews::opened(review, key)).collect::<Result<_, _>>()?,
        id: row.id,
        case_id: row.case_id,
        set_on: row.set_on,
        target_on: row.target_on,
        closed_on: row.closed_on,
        attainment: latest.map(|(attainment, _)| attainment),
        reviewed_on: latest.map(|(_, day)| day),
        author: row.author,
        author_name: None,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn title_at(id: &Id) -> Place<'_> {
    Place { table: "goals", column: "title", row: id.as_str() }
}
