//! The bodies of the actions upon a collective action, in the contract.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{ActionParticipants, ActionRating};
use crate::nomenclatures::codes::ActionCancellationReason;
use crate::privacy::Secret;

/// It took place.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "participants": [{"participant_type": "parent", "number": 9}, {"participant_type": "childminder", "number": 3}],
    "duration_minutes": 135
}))]
pub struct ActionHolding {
    /// Who came, each kind once. Unless said, the seats of the registrations whose attendance is noted, by kind, or else
    /// what was said before it was reopened.
    #[serde(default)]
    #[schema(value_type = Vec<ActionParticipants>, required = false, min_items = 1, max_items = 40)]
    pub participants: Option<Vec<ActionParticipants>>,
    /// How long it lasted, if not as planned.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 1440)]
    pub duration_minutes: Option<i32>,
    /// How long its preparation took, if not as planned.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 10080)]
    pub preparation_minutes: Option<i32>,
    /// How long travel took there and back, if not as planned.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 10080)]
    pub travel_minutes: Option<i32>,
}

/// It does not take place.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "too_few_registrations"}))]
pub struct ActionCancellation {
    /// Why.
    pub reason: ActionCancellationReason,
}

/// What was thought of it, in the place of what was said before.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "ratings": [{"rating": "very_satisfied", "number": 5}, {"rating": "satisfied", "number": 3}],
    "note": "Les échanges ont porté sur le coucher ; prévoir un peu plus de temps."
}))]
pub struct NewActionEvaluation {
    /// How many gave each rating, each rating once; empty when nobody answered.
    #[schema(max_items = 5)]
    pub ratings: Vec<ActionRating>,
    /// What the author notes: personal data, sealed at rest.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Option<Secret<String>>,
}
