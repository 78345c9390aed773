//! The request bodies of the actions on a collective action.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{ActionParticipants, ActionRating};
use crate::nomenclatures::codes::ActionCancellationReason;
use crate::privacy::Secret;

/// Record that a collective action took place.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "participants": [{"participant_type": "parent", "number": 9}, {"participant_type": "childminder", "number": 3}],
    "duration_minutes": 135
}))]
pub struct ActionHolding {
    /// Participants, each type once. By default, the attendance recorded in the registrations, summed by type; without
    /// any, the participants recorded before the action was reopened.
    #[serde(default)]
    #[schema(value_type = Vec<ActionParticipants>, required = false, min_items = 1, max_items = 40)]
    pub participants: Option<Vec<ActionParticipants>>,
    /// Actual duration, if it differs from the plan.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 1440)]
    pub duration_minutes: Option<i32>,
    /// Actual preparation time, if it differs from the plan.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 10080)]
    pub preparation_minutes: Option<i32>,
    /// Actual travel time, both ways, if it differs from the plan.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 10080)]
    pub travel_minutes: Option<i32>,
}

/// Cancellation of a collective action.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "too_few_registrations"}))]
pub struct ActionCancellation {
    /// Reason.
    pub reason: ActionCancellationReason,
}

/// Evaluation of a collective action. It replaces the previous one.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "ratings": [{"rating": "very_satisfied", "number": 5}, {"rating": "satisfied", "number": 3}],
    "note": "Les échanges ont porté sur le coucher ; prévoir un peu plus de temps."
}))]
pub struct ActionEvaluationInput {
    /// Number of people who gave each rating, each rating once; empty if nobody answered.
    #[schema(max_items = 5)]
    pub ratings: Vec<ActionRating>,
    /// Free note by the author. It is personal data, encrypted at rest.
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Option<Secret<String>>,
}
