//! Reviews of placements in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::PlacementReviewState;
use crate::cases::model::CaseStatus;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::naming::model::{Named, Names};
use crate::nomenclatures::codes::{ChildcareType, ParticipantType, PlacementEndReason, PlacementReviewAnswer};
use crate::privacy::Secret;
use crate::territories::CommuneCode;

/// The answer to a review of a placement.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "months": 6, "answer": "still_there", "informed_by": "parent", "note": "Vient désormais cinq matinées par semaine."
}))]
pub struct PlacementReviewInput {
    /// Which review: the number of months after the start, one of the settings of the service or another.
    #[schema(minimum = 1, maximum = 60)]
    pub months: i32,
    /// Answer.
    pub answer: PlacementReviewAnswer,
    /// Day of the answer: not in the future, and not before the review is due, unless the child left. Default: today.
    pub answered_on: Option<NaiveDate>,
    /// Who said so.
    pub informed_by: ParticipantType,
    /// Last day of the placement, with the answer `left`: required unless the placement has one, and not after the answer.
    /// The placement ends on that day.
    pub ends_on: Option<NaiveDate>,
    /// Why it ended, with `ends_on` only.
    pub end_reason: Option<PlacementEndReason>,
    /// Free text: personal data, encrypted at rest.
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Option<Secret<String>>,
}

/// Changes to the answer to a review. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"informed_by": "childcare_professional"}))]
pub struct PlacementReviewPatch {
    /// Answer. `left` requires a placement with a last day: end it first.
    #[serde(default)]
    #[schema(value_type = PlacementReviewAnswer, required = false)]
    pub answer: Option<PlacementReviewAnswer>,
    /// Day of the answer.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub answered_on: Option<NaiveDate>,
    /// Who said so.
    #[serde(default)]
    #[schema(value_type = ParticipantType, required = false)]
    pub informed_by: Option<ParticipantType>,
    /// Free text: personal data, encrypted at rest.
    #[serde(default)]
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Field<Secret<String>>,
}

/// A review of a placement: whether the child is still there some months after the start.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c86", "placement_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c82",
    "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "months": 6, "due_on": "2026-11-04", "state": "answered",
    "answer": "still_there", "answered_on": "2026-11-05", "informed_by": "parent",
    "note": "Vient désormais cinq matinées par semaine.", "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple",
    "version": 2, "created_at": "2026-05-04T09:00:00.000000Z", "updated_at": "2026-11-05T09:00:00.000000Z"
}))]
pub struct PlacementReview {
    /// Identifier.
    pub id: Id,
    /// The placement.
    pub placement_id: Id,
    /// The case.
    pub case_id: Id,
    /// How many months after the start; after the opening of the case, if the child already had the place.
    pub months: i32,
    /// Day on which it is due.
    pub due_on: NaiveDate,
    /// State today.
    pub state: PlacementReviewState,
    /// Answer; null until somebody answers.
    pub answer: Option<PlacementReviewAnswer>,
    /// Day of the answer.
    pub answered_on: Option<NaiveDate>,
    /// Who said so.
    pub informed_by: Option<ParticipantType>,
    /// Free text; null if there is none, or once the data of the family are erased.
    #[schema(format = "lines", value_type = Option<String>, max_length = 4000)]
    pub note: Option<Secret<String>>,
    /// Who recorded the answer; the placement, until there is one.
    pub author: String,
    /// Their name; null for API clients.
    pub author_name: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When the row was made: with the placement.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl Named for PlacementReview {
    fn show_names(&mut self, names: &mut Names) {
        names.author(Some(&self.author), &mut self.author_name);
    }
}

crate::resource!(PlacementReview at "/v1/placement-reviews/");

crate::page! {
    /// A page of the reviews of a placement.
    PlacementReviewPage of PlacementReview
}

/// A review of a placement in the list of a service, with what a screen shows.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c86", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "months": 6,
    "due_on": "2026-11-04", "state": "overdue", "answer": null, "answer_label": null, "answered_on": null,
    "placement_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c82", "organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c90",
    "organisation_name": "Les Lutins", "childcare_type": "micro_creche", "starts_on": "2026-05-04",
    "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "case_status": "open",
    "child_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c72", "child_name": "Zoé Exemple", "commune_code": "63113",
    "commune_name": "Clermont-Ferrand", "referent_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63",
    "referent_name": "La coordinatrice", "updated_at": "2026-05-04T09:00:00.000000Z"
}))]
pub struct PlacementReviewRow {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// How many months after the start; after the opening of the case, if the child already had the place.
    pub months: i32,
    /// Day on which it is due.
    pub due_on: NaiveDate,
    /// State today.
    pub state: PlacementReviewState,
    /// Answer; null until somebody answers.
    pub answer: Option<PlacementReviewAnswer>,
    /// Label of the answer, in the language of the response.
    pub answer_label: Option<&'static str>,
    /// Day of the answer.
    pub answered_on: Option<NaiveDate>,
    /// The placement.
    pub placement_id: Id,
    /// The organisation that welcomes the child.
    pub organisation_id: Option<Id>,
    /// Its name; null if the caller does not hold `organisations:read`.
    pub organisation_name: Option<String>,
    /// Type of childcare.
    pub childcare_type: Option<ChildcareType>,
    /// First day of the placement.
    pub starts_on: Option<NaiveDate>,
    /// The case.
    pub case_id: Id,
    /// State of the case.
    pub case_status: Option<CaseStatus>,
    /// The child.
    pub child_id: Option<Id>,
    /// Name of the child; null without `households:read`, and after an erasure.
    #[schema(value_type = Option<String>)]
    pub child_name: Option<Secret<String>>,
    /// INSEE code of the commune of the case.
    pub commune_code: Option<CommuneCode>,
    /// Name of the commune.
    pub commune_name: Option<&'static str>,
    /// The user account of the référent de parcours; null if there is none.
    pub referent_id: Option<Id>,
    /// Name of the référent; null for API clients.
    pub referent_name: Option<String>,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::page! {
    /// A page of the reviews of the placements of a service.
    PlacementReviewRowPage of PlacementReviewRow
}

text_enum! {
    /// Sort order of the reviews of placements.
    pub enum PlacementReviewSort {
        /// Earliest due first.
        DueOn = "due_on",
        /// Latest due first.
        DueOnDesc = "-due_on",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
    }
}

/// Filters on the reviews of a placement.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct ReviewsOfPlacementFilter {
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub(super) updated_since: Option<UtcTs>,
    /// Sort order. Default: earliest due first.
    pub(super) sort: Option<PlacementReviewSort>,
}

/// Filters on the reviews of placements: all the given ones apply.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct PlacementReviewFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub(super) id: Option<Vec<Id>>,
    /// Only those of this service.
    pub(super) service_id: Option<Id>,
    /// Only those in this state.
    pub(super) state: Option<PlacementReviewState>,
    /// Answers, separated by commas: only those with one of them.
    #[param(explode = false, style = Form, example = json!(["still_there"]))]
    pub(super) answer: Option<Vec<PlacementReviewAnswer>>,
    /// Only those this number of months after the start.
    #[param(minimum = 1, maximum = 60, example = 6)]
    pub(super) months: Option<i32>,
    /// Due on this day or later.
    pub(super) from: Option<NaiveDate>,
    /// Due on this day or earlier.
    pub(super) to: Option<NaiveDate>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub(super) updated_since: Option<UtcTs>,
    /// Sort order. Default: earliest due first.
    pub(super) sort: Option<PlacementReviewSort>,
}
