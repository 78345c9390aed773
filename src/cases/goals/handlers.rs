//! The operations of goals and their reviews.

use actix_web::web::Data;

use super::dto::{Goal, GoalFilter, GoalInput, GoalPage, GoalPatch, GoalReview, GoalReviewInput, GoalReviewPatch};
use super::{ops, reviews};
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases;
use crate::cases::corrections::handlers::correctable;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Can, Context, Created, Once, Path, Written};
use crate::naming::ops::named;
use crate::work::Work;

/// Set a goal
///
/// What the family and the service want to reach, in their words, with the day on which it should be reached. Reviews say
/// how far they are.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/goals",
    responses((status = 409, description = "The case is closed."))
)]
pub(super) async fn create_goal(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<GoalInput>,
) -> Result<Written<Created<Goal>>, ApiError> {
    let scope = can.scope.clone();
    let set = move |work: &mut Work<'_>, case| ops::create(work, &scope, &case, &body.0).map(Created);
    once.under_object(&context, can, id.0, cases::ops::find, set).await
}

/// List the goals of a case
///
/// The goals, latest first, each with its reviews and how far it was reached at the latest one.
#[utoipa::path(get, path = "/v1/cases/{id}/goals")]
pub(super) async fn list_goals(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<GoalFilter>,
) -> Result<Listed<GoalPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, list)).await
}

/// Review a goal
///
/// How far a goal is reached on a day, from 0 (not at all) to 4 (fully). A goal has one review per day.
#[utoipa::path(
    post,
    path = "/v1/goals/{id}/reviews",
    responses((status = 409, description = "The case is closed, or the goal has a review on this day: see `existing_id`."))
)]
pub(super) async fn create_goal_review(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<GoalReviewInput>,
) -> Result<Written<Created<GoalReview>>, ApiError> {
    let scope = can.scope.clone();
    let review = move |work: &mut Work<'_>, goal| reviews::create(work, &scope, &goal, &body.0).map(Created);
    once.under_object(&context, can, id.0, ops::find, review).await
}

correctable! {
    Goal for scope, found by ops::find, named by named;

    /// Get a goal
    ///
    /// One goal, with its reviews.
    #[utoipa::path(get, path = "/v1/goals/{id}")]
    get_goal = ops::get;

    /// Update a goal
    ///
    /// A merge patch (RFC 7396): an absent field keeps its value, null removes it. `closed_on` says since when a goal is no
    /// longer worked on, whether it was reached or given up: the latest review tells which. Anybody closes a goal or gives it a
    /// target day; who set it corrects the rest, and callers with `cases:correct` correct everybody's (403). It can be corrected
    /// after the closing of the case. The former values stay in its history.
    #[utoipa::path(
        patch,
        path = "/v1/goals/{id}",
        responses(
            (status = 403, description = "Somebody else set it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "Another request has just changed the goal, or the data of the family were erased.")
        )
    )]
    update_goal(GoalPatch) = ops::correct;

    /// Delete a goal
    ///
    /// Deletes a goal that was recorded by mistake. A goal that was reviewed is closed instead. Who set it may delete it, and
    /// callers with `cases:correct` delete everybody's (403). Its values stay in its history.
    #[utoipa::path(
        delete,
        path = "/v1/goals/{id}",
        responses(
            (status = 403, description = "Somebody else set it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "The goal has reviews, or the data of the family were erased.")
        )
    )]
    delete_goal -> () = ops::delete;

    /// List the history of a goal
    ///
    /// Its changes, oldest first: who, when, which values before and after; at the end its removal, with the reason. For who
    /// recorded it, and for callers with `cases:correct`.
    #[utoipa::path(
        get,
        path = "/v1/goals/{id}/history",
        responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
    )]
    list_goal_history of super::store::GoalRow;
}

correctable! {
    GoalReview for scope, found by reviews::find, named by named;

    /// Get a review of a goal
    ///
    /// How far a goal was reached on a day.
    #[utoipa::path(get, path = "/v1/goal-reviews/{id}")]
    get_goal_review = reviews::get;

    /// Update a review of a goal
    ///
    /// A merge patch (RFC 7396): an absent field keeps its value, null removes it. Who recorded it corrects it, and callers with
    /// `cases:correct` correct everybody's (403). The former values stay in its history.
    #[utoipa::path(
        patch,
        path = "/v1/goal-reviews/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "The goal has another review on this day, or the data of the family were erased.")
        )
    )]
    update_goal_review(GoalReviewPatch) = reviews::correct;

    /// Delete a review of a goal
    ///
    /// Deletes a review that was recorded by mistake. Who recorded it may delete it, and callers with `cases:correct` delete
    /// everybody's (403). Its values stay in its history.
    #[utoipa::path(
        delete,
        path = "/v1/goal-reviews/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "Another request has just changed the review, or the data of the family were erased.")
        )
    )]
    delete_goal_review -> () = reviews::delete;

    /// List the history of a review of a goal
    ///
    /// Its changes, oldest first: who, when, which values before and after; at the end its removal, with the reason. For who
    /// recorded it, and for callers with `cases:correct`.
    #[utoipa::path(
        get,
        path = "/v1/goal-reviews/{id}/history",
        responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
    )]
    list_goal_review_history of super::store::ReviewRow;
}
