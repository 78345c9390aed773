//! Goals in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::naming::model::{Named, Names};
use crate::privacy::Secret;

/// The most reviews of one goal. Our choice: one a fortnight for more than three years.
pub(super) const MOST_REVIEWS: usize = 100;

/// A goal to be set.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Rester une matinée à la crèche sans ses parents", "set_on": "2026-03-02", "target_on": "2026-06-30"}))]
pub struct GoalInput {
    /// What is to be reached, in the words of the family. Personal data, encrypted at rest.
    #[schema(format = "visible-line", value_type = String, min_length = 1, max_length = 300)]
    pub title: Secret<String>,
    /// Day on which it was set: not in the future, and not before the case was opened.
    pub set_on: NaiveDate,
    /// Day on which it should be reached, at most ten years ahead; null if none was agreed.
    pub target_on: Option<NaiveDate>,
}

/// Changes to a goal. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"closed_on": "2026-03-02"}))]
pub struct GoalPatch {
    /// What is to be reached. Personal data, encrypted at rest.
    #[serde(default)]
    #[schema(format = "visible-line", value_type = String, required = false, min_length = 1, max_length = 300)]
    pub title: Option<Secret<String>>,
    /// Day on which it was set.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub set_on: Option<NaiveDate>,
    /// Day on which it should be reached; null if none was agreed.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub target_on: Field<NaiveDate>,
    /// Day since which it is no longer worked on, reached or given up: not in the future. Null to take it up again.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub closed_on: Field<NaiveDate>,
}

/// A goal of a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c83", "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "title": "Rester une matinée à la crèche sans ses parents", "set_on": "2026-03-02", "target_on": "2026-06-30",
    "closed_on": null, "attainment": 2, "reviewed_on": "2026-04-15",
    "reviews": [{
        "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c84", "goal_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c83",
        "reviewed_on": "2026-04-15", "attainment": 2, "comment": "Une heure, deux fois par semaine.",
        "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple", "version": 1,
        "created_at": "2026-04-15T09:00:00.000000Z", "updated_at": "2026-04-15T09:00:00.000000Z"
    }],
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple", "version": 2,
    "created_at": "2026-03-02T09:00:00.000000Z", "updated_at": "2026-04-15T09:00:00.000000Z"
}))]
pub struct Goal {
    /// Identifier.
    pub id: Id,
    /// The case.
    pub case_id: Id,
    /// What is to be reached; null once the data of the family are erased.
    #[schema(format = "visible-line", value_type = Option<String>, max_length = 300)]
    pub title: Option<Secret<String>>,
    /// Day on which it was set.
    pub set_on: NaiveDate,
    /// Day on which it should be reached.
    pub target_on: Option<NaiveDate>,
    /// Day since which it is no longer worked on.
    pub closed_on: Option<NaiveDate>,
    /// Attainment at the latest review, from 0 (not at all) to 4 (fully reached); null before the first review.
    #[schema(minimum = 0, maximum = 4)]
    pub attainment: Option<i32>,
    /// Day of the latest review.
    pub reviewed_on: Option<NaiveDate>,
    /// Its reviews, oldest first.
    #[schema(max_items = 100)]
    pub reviews: Vec<GoalReview>,
    /// Who recorded it.
    pub author: String,
    /// Name of who recorded it; null for API clients.
    pub author_name: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it or one of its reviews last changed.
    pub updated_at: UtcTs,
}

impl Named for Goal {
    fn show_names(&mut self, names: &mut Names) {
        names.author(Some(&self.author), &mut self.author_name);
        self.reviews.show_names(names);
    }
}

crate::resource!(Goal at "/v1/goals/");

crate::page! {
    /// A page of the goals of a case.
    GoalPage of Goal
}

text_enum! {
    /// Sort order of the goals of a case.
    pub enum GoalSort {
        /// Latest set first.
        SetOnDesc = "-set_on",
        /// Earliest set first.
        SetOn = "set_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters on the goals of a case.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct GoalFilter {
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub(super) updated_since: Option<UtcTs>,
    /// Sort order. Default: latest set first.
    pub(super) sort: Option<GoalSort>,
}

/// A review of a goal to be recorded.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reviewed_on": "2026-03-02", "attainment": 2, "comment": "Une heure, deux fois par semaine."}))]
pub struct GoalReviewInput {
    /// Day of the review: not in the future, and not before the goal was set.
    pub reviewed_on: NaiveDate,
    /// How far the goal is reached, from 0 (not at all) to 4 (fully).
    #[schema(minimum = 0, maximum = 4)]
    pub attainment: i32,
    /// Free text: personal data, encrypted at rest.
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub comment: Option<Secret<String>>,
}

/// Changes to a review of a goal. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"attainment": 3}))]
pub struct GoalReviewPatch {
    /// Day of the review.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub reviewed_on: Option<NaiveDate>,
    /// How far the goal is reached, from 0 (not at all) to 4 (fully).
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 4)]
    pub attainment: Option<i32>,
    /// Free text: personal data, encrypted at rest.
    #[serde(default)]
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub comment: Field<Secret<String>>,
}

/// A dated review of a goal.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c84", "goal_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c83",
    "reviewed_on": "2026-04-15", "attainment": 2, "comment": "Une heure, deux fois par semaine.",
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple", "version": 1,
    "created_at": "2026-04-15T09:00:00.000000Z", "updated_at": "2026-04-15T09:00:00.000000Z"
}))]
pub struct GoalReview {
    /// Identifier.
    pub id: Id,
    /// The goal.
    pub goal_id: Id,
    /// Day of the review.
    pub reviewed_on: NaiveDate,
    /// How far the goal was reached, from 0 (not at all) to 4 (fully).
    #[schema(minimum = 0, maximum = 4)]
    pub attainment: i32,
    /// Free text; null if there is none, or once the data of the family are erased.
    #[schema(format = "lines", value_type = Option<String>, max_length = 4000)]
    pub comment: Option<Secret<String>>,
    /// Who recorded it.
    pub author: String,
    /// Name of who recorded it; null for API clients.
    pub author_name: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl Named for GoalReview {
    fn show_names(&mut self, names: &mut Names) {
        names.author(Some(&self.author), &mut self.author_name);
    }
}

crate::resource!(GoalReview at "/v1/goal-reviews/");
