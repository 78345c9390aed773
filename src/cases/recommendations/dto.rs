//! Recommendations in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::nomenclatures::codes::{ChildcareAdaptation, ParticipantType, RecommendationKind};
use crate::privacy::Secret;

/// A recommendation to be recorded.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "childcare_adaptation", "text": "Installer un coin calme près de l'espace de jeu.",
    "addressed_to": "childcare_professional", "adaptation": "adapted_space"
}))]
pub struct RecommendationInput {
    /// Kind.
    pub kind: RecommendationKind,
    /// Text: personal data, encrypted at rest.
    #[schema(format = "lines", value_type = String, min_length = 1, max_length = 4000)]
    pub text: Secret<String>,
    /// To whom it is addressed, never named.
    pub addressed_to: ParticipantType,
    /// The adaptation of childcare that it recommends: only of the kind `childcare_adaptation`.
    pub adaptation: Option<ChildcareAdaptation>,
    /// The intervention of the case from which it comes.
    pub intervention_id: Option<Id>,
    /// Day: not in the future, not before the first referral of the case arrived, not after the closing. Default: today.
    pub made_on: Option<NaiveDate>,
    /// Whether it is applied, if that was checked already.
    pub applied: Option<bool>,
    /// Day on which that was checked: not in the future, not before the recommendation.
    pub checked_on: Option<NaiveDate>,
}

/// A recommendation of a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f60", "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "intervention_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c81",
    "kind": "childcare_adaptation", "kind_label": "Adaptation de l'accueil",
    "text": "Installer un coin calme près de l'espace de jeu.", "addressed_to": "childcare_professional",
    "addressed_to_label": "Professionnelle ou professionnel d'EAJE", "adaptation": "adapted_space",
    "adaptation_label": "Aménagement des locaux", "made_on": "2026-03-12", "applied": true,
    "checked_on": "2026-04-15", "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10",
    "author_name": "La coordinatrice", "version": 2, "created_at": "2026-03-12T16:30:00.000000Z",
    "updated_at": "2026-04-15T09:00:00.000000Z"
}))]
pub struct Recommendation {
    /// Identifier.
    pub id: Id,
    /// The case.
    pub case_id: Id,
    /// The intervention from which it comes; null if none was given, and once the intervention is removed.
    pub intervention_id: Option<Id>,
    /// Kind.
    pub kind: RecommendationKind,
    /// Label of the kind, in the language of the response.
    pub kind_label: Option<&'static str>,
    /// Text; null if the personal data were erased.
    #[schema(value_type = Option<String>)]
    pub text: Option<Secret<String>>,
    /// To whom it is addressed.
    pub addressed_to: ParticipantType,
    /// Label of the addressee, in the language of the response.
    pub addressed_to_label: Option<&'static str>,
    /// The adaptation of childcare that it recommends; null if it is none.
    pub adaptation: Option<ChildcareAdaptation>,
    /// Label of the adaptation, in the language of the response.
    pub adaptation_label: Option<&'static str>,
    /// Day.
    pub made_on: NaiveDate,
    /// Whether it is applied; null if nobody has checked.
    pub applied: Option<bool>,
    /// Day on which that was checked.
    pub checked_on: Option<NaiveDate>,
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

crate::resource!(Recommendation at "/v1/recommendations/");

crate::page! {
    /// A page of the recommendations of a case.
    RecommendationPage of Recommendation
}

/// Changes to a recommendation. A merge patch (RFC 7396): an absent field keeps its value, null removes it. The result must
/// meet the rules of a new recommendation.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"applied": true, "checked_on": "2026-03-02"}))]
pub struct RecommendationPatch {
    /// Kind.
    #[serde(default)]
    #[schema(value_type = RecommendationKind, required = false)]
    pub kind: Option<RecommendationKind>,
    /// Text.
    #[serde(default)]
    #[schema(format = "lines", value_type = String, required = false, min_length = 1, max_length = 4000)]
    pub text: Option<Secret<String>>,
    /// To whom it is addressed.
    #[serde(default)]
    #[schema(value_type = ParticipantType, required = false)]
    pub addressed_to: Option<ParticipantType>,
    /// The adaptation of childcare that it recommends.
    #[serde(default)]
    #[schema(value_type = Option<ChildcareAdaptation>)]
    pub adaptation: Field<ChildcareAdaptation>,
    /// Day.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub made_on: Option<NaiveDate>,
    /// Whether it is applied; null if nobody has checked.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub applied: Field<bool>,
    /// Day on which that was checked.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub checked_on: Field<NaiveDate>,
}

/// Filters on the recommendations of a case; all of them apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct RecommendationFilter {
    /// Only those of this kind.
    #[param(example = "childcare_adaptation")]
    pub(super) kind: Option<RecommendationKind>,
    /// `true`: only those of which somebody has said whether they are applied. `false`: only the others.
    #[param(example = false)]
    pub(super) checked: Option<bool>,
    /// `true`: only those that are applied. `false`: only those that were checked and are not.
    #[param(example = true)]
    pub(super) applied: Option<bool>,
    /// Only those that come from this intervention.
    pub(super) intervention_id: Option<Id>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub(super) updated_since: Option<UtcTs>,
    /// Sort order. Default: latest first.
    pub(super) sort: Option<RecommendationSort>,
}

text_enum! {
    /// Sort order of recommendations.
    pub enum RecommendationSort {
        /// Latest first.
        MadeOnDesc = "-made_on",
        /// Earliest first.
        MadeOn = "made_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}
