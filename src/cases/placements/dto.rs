//! Placements in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use super::store::PlacementRow;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::body::broken;
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::http::reply::Located;
use crate::nomenclatures::codes::ChildcareType;

/// A placement to be recorded.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "ends_after_start"))]
#[schema(example = json!({
    "organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c90", "childcare_type": "micro_creche",
    "starts_on": "2026-05-04"
}))]
pub struct NewPlacement {
    /// Where the child is: an organisation of the service's directory.
    pub organisation_id: Id,
    /// What kind of childcare it is. `none` is not one.
    #[validate(custom(function = "is_childcare"))]
    pub childcare_type: ChildcareType,
    /// The first day: not in the future, not before the case was opened.
    pub starts_on: NaiveDate,
    /// The last day, when it is known.
    pub ends_on: Option<NaiveDate>,
}

fn ends_after_start(new: &NewPlacement) -> Result<(), ValidationError> {
    if new.ends_on.is_some_and(|end| end < new.starts_on) {
        return Err(broken("ends_before_start", "ends_on", "La fin précède le début.", "The end is before the start."));
    }
    Ok(())
}

fn is_childcare(kind: &ChildcareType) -> Result<(), ValidationError> {
    if kind.is("none") {
        return Err(broken(
            "not_a_placement",
            "",
            "Un accueil effectif a un mode d'accueil.",
            "An effective placement has a kind of childcare.",
        ));
    }
    Ok(())
}

/// The end of a placement.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ends_on": "2026-08-28"}))]
pub struct PlacementEnd {
    /// The last day: not before the first. May be announced.
    pub ends_on: NaiveDate,
}

/// A place that a child has, or had.
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
    /// Where the child is.
    pub organisation_id: Id,
    /// What kind of childcare it is.
    pub childcare_type: ChildcareType,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day; null while none is known.
    #[schema(required = true)]
    pub ends_on: Option<NaiveDate>,
    /// Who recorded it.
    pub author: String,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl From<PlacementRow> for Placement {
    fn from(row: PlacementRow) -> Self {
        Self {
            id: row.id,
            case_id: row.case_id,
            organisation_id: row.organisation_id,
            childcare_type: row.childcare_type,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            author: row.author,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(Placement);

impl Located for Placement {
    fn location(&self) -> String {
        format!("/v1/placements/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::page! {
    /// A page of the placements of a case.
    PlacementPage of Placement
}

text_enum! {
    /// Order of the placements of a case.
    pub enum PlacementSort {
        /// The latest first.
        StartsOnDesc = "-starts_on",
        /// The first first.
        StartsOn = "starts_on",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
    }
}

/// Which placements of a case.
#[derive(Debug, Deserialize, IntoParams)]
pub struct PlacementFilter {
    /// Changed at this instant or later. A change is seen once it is committed, which is a little after its instant: to miss
    /// none, ask again from a minute earlier.
    pub(super) updated_since: Option<UtcTs>,
    /// Order, the latest first unless said.
    pub(super) sort: Option<PlacementSort>,
}

impl QueryParams for PlacementFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<UtcTs>();
        description.reference::<PlacementSort>();
    }
}
