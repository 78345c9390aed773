//! Placements in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use crate::cases::corrections::dto::CountedIn;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::http::body::broken_rule;
use crate::nomenclatures::codes::ChildcareType;

/// A placement to be recorded.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c90", "childcare_type": "micro_creche",
    "starts_on": "2026-05-04"
}))]
pub struct PlacementInput {
    /// The organisation that welcomes the child, in the service's directory.
    pub organisation_id: Id,
    /// Type of childcare, which the kind of the organisation must offer: `organisation_kinds` in the code list. `none` is
    /// rejected.
    #[validate(custom(function = "is_childcare"))]
    pub childcare_type: ChildcareType,
    /// First day: not in the future, and not before the case was opened.
    pub starts_on: NaiveDate,
    /// Last day, if known.
    pub ends_on: Option<NaiveDate>,
}

fn is_childcare(kind: &ChildcareType) -> Result<(), ValidationError> {
    if kind.is("none") {
        return Err(broken_rule(
            "not_a_placement",
            "",
            "Un accueil effectif suppose un mode d'accueil.",
            "An effective placement requires a type of childcare.",
        ));
    }
    Ok(())
}

/// The end of a placement.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ends_on": "2026-08-28"}))]
pub struct PlacementEnd {
    /// Last day, not before the first day. It can be in the future.
    pub ends_on: NaiveDate,
}

/// A childcare place that a child has or had.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c82", "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c90", "childcare_type": "micro_creche",
    "starts_on": "2026-05-04", "ends_on": null, "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10",
    "version": 1, "created_at": "2026-05-04T09:00:00.000000Z", "updated_at": "2026-05-04T09:00:00.000000Z"
}))]
pub struct Placement {
    /// Identifier.
    pub id: Id,
    /// The case.
    pub case_id: Id,
    /// The organisation that welcomes the child.
    pub organisation_id: Id,
    /// Type of childcare.
    pub childcare_type: ChildcareType,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day; null while unknown.
    pub ends_on: Option<NaiveDate>,
    /// Who recorded it.
    pub author: String,
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

crate::resource!(Placement at "/v1/placements/");

/// Changes to a placement. A merge patch (RFC 7396): an absent field keeps its value, null removes it. The result must meet
/// the rules of a new placement.
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
    /// First day: not in the future, not before the case was opened, and not after it was closed.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub starts_on: Option<NaiveDate>,
    /// Last day; null if it is not known.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub ends_on: Field<NaiveDate>,
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
