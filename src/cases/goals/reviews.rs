//! Use cases of the reviews of a goal.

use chrono::NaiveDate;

use super::dto::{GoalReview, GoalReviewInput, GoalReviewPatch, MOST_REVIEWS};
use super::store::{self, GoalRow, ReviewRow};
use crate::auth::ServiceScope;
use crate::cases::common::{reading_key, require_action, touch};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::ops::{self as corrections, Corrector};
use crate::cases::model::CaseAction;
use crate::data_keys;
use crate::dates;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::Field;
use crate::naming::ops::named;
use crate::privacy::{self, DataKey, Place, Secret};
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Records a review of a goal.
pub fn create(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    goal: &GoalRow,
    new: &GoalReviewInput,
) -> Result<GoalReview, ApiError> {
    let (goal, case, others) = store::whole(work.conn, scope, goal.id)?;
    let today = require_action(work, scope, &case, CaseAction::SetGoal)?;
    ApiError::reject_if_any(faults(&goal, new.reviewed_on, today))?;
    if others.len() >= MOST_REVIEWS {
        let message = Text::new(
            format!("Un objectif a au plus {MOST_REVIEWS} bilans."),
            format!("A goal has at most {MOST_REVIEWS} reviews."),
        );
        return Err(ApiError::rule("", "too_many_reviews", message));
    }
    refuse_same_day(&others, new.reviewed_on)?;
    touch(work, scope, &case, &Field::Keep)?;
    let id = Id::at(work.now);
    let key = data_keys::data_key(work, case.key_owner())?;
    let row = ReviewRow {
        id,
        service_id: goal.service_id,
        goal_id: goal.id,
        reviewed_on: new.reviewed_on,
        attainment: new.attainment,
        comment: key.seal_some(comment_at(&id), new.comment.as_ref())?,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert_review(work.conn, &row)?;
    work.created_in(goal.id, Resource::GoalReview, row.service_id, id);
    work.changed_in(case.id, Resource::Goal, goal.service_id, goal.id);
    let shown = opened(row, Some(&key))?;
    named(work, shown)
}

fn faults(goal: &GoalRow, reviewed_on: NaiveDate, today: NaiveDate) -> impl Iterator<Item = Fault> {
    [
        dates::not_in_the_future("/reviewed_on", reviewed_on, today),
        dates::not_before("/reviewed_on", reviewed_on, goal.set_on, "before_goal"),
        goal.closed_on
            .and_then(|closed_on| dates::not_after("/reviewed_on", reviewed_on, closed_on, "after_end_of_goal")),
    ]
    .into_iter()
    .flatten()
}

fn refuse_same_day(others: &[ReviewRow], day: NaiveDate) -> Result<(), ApiError> {
    match others.iter().find(|review| review.reviewed_on == day) {
        None => Ok(()),
        Some(existing) => Err(ApiError::new(Code::Conflict)
            .detail(
                "Cet objectif a déjà un bilan à cette date (voir `existing_id`) : le corriger.",
                "This goal already has a review on this day: correct it. See `existing_id`.",
            )
            .with("existing_id", existing.id.as_str())),
    }
}

/// The row of a review in scope, for a use case to change; 404 if there is none. Takes the lock of its goal.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ReviewRow, ApiError> {
    let row = store::review(work.conn, scope, id)?;
    work.lock_first(Lock::Goal, row.goal_id);
    Ok(row)
}

/// One review in scope, opened.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<GoalReview, ApiError> {
    let row = store::review(work.conn, scope, id)?;
    let (_, case, _) = store::whole(work.conn, scope, row.goal_id)?;
    let key = reading_key(work, &case)?;
    opened(row, key.as_ref())
}

/// Corrects a review.
pub fn correct(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    row: &ReviewRow,
    patch: GoalReviewPatch,
) -> Result<GoalReview, ApiError> {
    corrector.require(work, row.service_id, &row.author)?;
    let (goal, case, mut others) = store::whole(work.conn, scope, row.goal_id)?;
    others.retain(|review| review.id != row.id);
    let today = services::ops::today(work, case.service_id)?;
    let key = data_keys::data_key(work, case.key_owner())?;
    let mut new = row.clone();
    new.reviewed_on = patch.reviewed_on.unwrap_or(new.reviewed_on);
    new.attainment = patch.attainment.unwrap_or(new.attainment);
    let comment: Option<Secret<String>> = key.open_some(comment_at(&row.id), row.comment.as_deref())?;
    let said = patch.comment.over(comment.clone());
    if said.as_ref().map(Secret::reveal) != comment.as_ref().map(Secret::reveal) {
        new.comment = key.seal_some(comment_at(&row.id), said.as_ref())?;
    }
    if new == *row {
        return opened(new, Some(&key));
    }
    ApiError::reject_if_any(faults(&goal, new.reviewed_on, today))?;
    refuse_same_day(&others, new.reviewed_on)?;
    let changes = between(&values(row, comment.as_ref()), Some(&values(&new, said.as_ref())));
    let correction = corrections::row(work, corrections::corrected(&case, row, None), &changes)?;
    touch(work, scope, &case, &Field::Keep)?;
    new.version = row.version + 1;
    new.updated_at = work.now;
    ApiError::require_first(store::correct_review(work.conn, row, &new, &correction)?)?;
    work.changed_in(goal.id, Resource::GoalReview, row.service_id, row.id);
    work.changed_in(case.id, Resource::Goal, goal.service_id, goal.id);
    opened(new, Some(&key))
}

/// Deletes a review.
pub fn delete(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    row: &ReviewRow,
    reason: DeletionReason,
) -> Result<(), ApiError> {
    corrector.require(work, row.service_id, &row.author)?;
    let (goal, case, _) = store::whole(work.conn, scope, row.goal_id)?;
    let key = data_keys::data_keys(work, &[case.key_owner()])?.remove(&case.key_owner());
    let comment: Option<Secret<String>> =
        privacy::open_unless_erased(key.as_ref(), comment_at(&row.id), row.comment.as_deref())?;
    let changes = between(&values(row, comment.as_ref()), None);
    let correction = corrections::row(work, corrections::corrected(&case, row, Some(reason)), &changes)?;
    touch(work, scope, &case, &Field::Keep)?;
    ApiError::require_first(store::remove_review(work.conn, row, &correction, work.now)?)?;
    work.deleted_in(goal.id, Resource::GoalReview, row.service_id, row.id, reason);
    work.changed_in(case.id, Resource::Goal, goal.service_id, goal.id);
    Ok(())
}

/// What a correction compares.
fn values(row: &ReviewRow, comment: Option<&Secret<String>>) -> serde_json::Value {
    serde_json::json!({"reviewed_on": row.reviewed_on, "attainment": row.attainment, "comment": comment})
}

/// A review, opened with the key of its case.
pub(super) fn opened(row: ReviewRow, key: Option<&DataKey>) -> Result<GoalReview, ApiError> {
    Ok(GoalReview {
        comment: privacy::open_unless_erased(key, comment_at(&row.id), row.comment.as_deref())?,
        id: row.id,
        goal_id: row.goal_id,
        reviewed_on: row.reviewed_on,
        attainment: row.attainment,
        author: row.author,
        author_name: None,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn comment_at(id: &Id) -> Place<'_> {
    Place { table: "goal_reviews", column: "comment", row: id.as_str() }
}
