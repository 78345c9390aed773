//! Placements in the contract.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use super::model::{PlacementAction, PlacementState};
use crate::cases::corrections::dto::CountedIn;
use crate::dates::Weekday;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::http::body::broken_rule;
use crate::naming::model::{Named, Names};
use crate::nomenclatures::codes::{
    ChildcareAdaptation, ChildcareType, PlacementCancellationReason, PlacementEndReason,
};

/// A placement to be recorded.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c90", "childcare_type": "micro_creche",
    "starts_on": "2026-05-04", "weekly_minutes": 1200, "weekdays": [1, 2, 4], "adaptations": ["adapted_schedule"]
}))]
pub struct PlacementInput {
    /// The organisation that welcomes the child, in the service's directory.
    pub organisation_id: Id,
    /// Type of childcare, which the kind of the organisation must offer: `organisation_kinds` in the code list. `none` is
    /// rejected.
    #[validate(custom(function = "is_childcare"))]
    pub childcare_type: ChildcareType,
    /// First day. In the future, at most ten years ahead: the placement is planned. Before the opening of the case: the child
    /// already had it.
    pub starts_on: NaiveDate,
    /// Last day, if known: at most ten years ahead.
    pub ends_on: Option<NaiveDate>,
    /// Why it ended; with `ends_on` only.
    pub end_reason: Option<PlacementEndReason>,
    /// Childcare per week in minutes, if known: 1200 is twenty hours.
    #[schema(minimum = 1, maximum = 10080)]
    pub weekly_minutes: Option<i32>,
    /// Weekdays on which the child comes: 1 is Monday, 7 is Sunday.
    #[serde(default)]
    #[schema(value_type = BTreeSet<Weekday>, required = false, max_items = 7)]
    pub weekdays: BTreeSet<u8>,
    /// What was adapted for the child.
    #[serde(default)]
    #[schema(value_type = BTreeSet<ChildcareAdaptation>, required = false, max_items = 20)]
    pub adaptations: BTreeSet<ChildcareAdaptation>,
    /// Whether it is the main place of the child: one at a time (409). Default: true, unless another main place has some of
    /// these days.
    pub is_main: Option<bool>,
}

fn is_childcare(kind: &ChildcareType) -> Result<(), ValidationError> {
    if kind.is("none") {
        return Err(broken_rule(
            "not_a_placement",
            "",
            "Un accueil suppose un mode d'accueil.",
            "A placement requires a type of childcare.",
        ));
    }
    Ok(())
}

/// The end of a placement.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ends_on": "2026-08-28", "end_reason": "school_start"}))]
pub struct PlacementEnd {
    /// Last day, not before the first day. It can be in the future, at most ten years ahead.
    pub ends_on: NaiveDate,
    /// Why it ends. Default: unchanged.
    pub end_reason: Option<PlacementEndReason>,
}

/// The start of a planned placement.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct PlacementStart {
    /// Day on which the child came: not in the future, and not before the case was opened. Default: the planned day.
    pub starts_on: Option<NaiveDate>,
}

/// Why a planned placement did not come about.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "setting_withdrew"}))]
pub struct PlacementCancellation {
    /// Reason.
    pub reason: PlacementCancellationReason,
}

/// A childcare place that a child has, had or expects.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c82", "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c90", "organisation_name": "Multi-accueil Les Lutins", "childcare_type": "micro_creche", "state": "started",
    "is_effective": true, "available_actions": ["end", "review"], "starts_on": "2026-05-04", "ends_on": null,
    "end_reason": null, "cancelled_on": null, "cancel_reason": null, "weekly_minutes": 1200, "weekdays": [1, 2, 4],
    "adaptations": ["adapted_schedule"], "is_main": true, "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple",
    "version": 1, "created_at": "2026-05-04T09:00:00.000000Z", "updated_at": "2026-05-04T09:00:00.000000Z"
}))]
pub struct Placement {
    /// Identifier.
    pub id: Id,
    /// The case.
    pub case_id: Id,
    /// The organisation that welcomes the child.
    pub organisation_id: Id,
    /// Its name; null if the caller does not hold `organisations:read`.
    pub organisation_name: Option<String>,
    /// Type of childcare.
    pub childcare_type: ChildcareType,
    /// State today.
    pub state: PlacementState,
    /// Whether it counts as an effective placement: the child came, and not before the case was opened.
    pub is_effective: bool,
    /// Actions allowed in this state.
    pub available_actions: Vec<PlacementAction>,
    /// First day; the expected one while it is planned.
    pub starts_on: NaiveDate,
    /// Last day; null while unknown.
    pub ends_on: Option<NaiveDate>,
    /// Why it ended; null while unknown.
    pub end_reason: Option<PlacementEndReason>,
    /// Day on which it was recorded that it did not come about.
    pub cancelled_on: Option<NaiveDate>,
    /// Why it did not come about.
    pub cancel_reason: Option<PlacementCancellationReason>,
    /// Childcare per week in minutes; null while unknown.
    pub weekly_minutes: Option<i32>,
    /// Weekdays on which the child comes: 1 is Monday, 7 is Sunday.
    #[schema(value_type = BTreeSet<Weekday>)]
    pub weekdays: BTreeSet<u8>,
    /// What was adapted for the child.
    pub adaptations: BTreeSet<ChildcareAdaptation>,
    /// Whether it is the main place of the child.
    pub is_main: bool,
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
    /// In the response to a correction only: the published releases that counted the child in the years of the placement.
    /// They do not change: prepare a release with corrected records.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<CountedIn>, required = false)]
    pub counted_in: Option<Vec<CountedIn>>,
}

impl Named for Placement {
    fn show_names(&mut self, names: &mut Names) {
        names.organisation(Some(self.organisation_id), &mut self.organisation_name);
        names.author(Some(&self.author), &mut self.author_name);
    }
}

crate::resource!(Placement at "/v1/placements/");

/// Changes to a placement. A merge patch (RFC 7396): an absent field keeps its value, null removes it. The result must meet
/// the rules of a new placement; it stays planned or started.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"starts_on": "2026-05-11", "ends_on": null}))]
pub struct PlacementPatch {
    /// The organisation that welcomes the child, in the service's directory.
    #[serde(default)]
    #[schema(value_type = Id, required = false)]
    pub organisation_id: Option<Id>,
    /// Type of childcare. `none` is rejected.
    #[serde(default)]
    #[schema(value_type = ChildcareType, required = false)]
    pub childcare_type: Option<ChildcareType>,
    /// First day: not in the future and not after the case was closed, or today or later while it is planned.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub starts_on: Option<NaiveDate>,
    /// Last day; null if it is not known. Its reason goes with it.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub ends_on: Field<NaiveDate>,
    /// Why it ended; null if it is not known.
    #[serde(default)]
    #[schema(value_type = Option<PlacementEndReason>)]
    pub end_reason: Field<PlacementEndReason>,
    /// Childcare per week in minutes; null if it is not known.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 10080)]
    pub weekly_minutes: Field<i32>,
    /// All weekdays on which the child comes. They replace the existing ones.
    #[serde(default)]
    #[schema(value_type = BTreeSet<Weekday>, required = false, max_items = 7)]
    pub weekdays: Option<BTreeSet<u8>>,
    /// All adaptations. They replace the existing ones.
    #[serde(default)]
    #[schema(value_type = BTreeSet<ChildcareAdaptation>, required = false, max_items = 20)]
    pub adaptations: Option<BTreeSet<ChildcareAdaptation>>,
    /// Whether it is the main place of the child: one at a time (409).
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    pub is_main: Option<bool>,
}

crate::page! {
    /// A page of the placements of a case.
    PlacementPage of Placement
}

text_enum! {
    /// Sort order of the placements of a case.
    pub enum PlacementSort {
        /// Latest first day first.
        StartsOnDesc = "-starts_on",
        /// Earliest first day first.
        StartsOn = "starts_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters on the placements of a case.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct PlacementFilter {
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub(super) updated_since: Option<UtcTs>,
    /// Sort order. Default: most recent start date first.
    pub(super) sort: Option<PlacementSort>,
}
