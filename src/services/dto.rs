//! Services in the contract.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::FIRST_YEAR;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::http::body::broken_rule;
use crate::nomenclatures::codes::ChildcareGroup;
use crate::territories::DepartementCode;

/// A service to be created.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "lower_before_upper", skip_on_field_errors = false))]
#[schema(example = json!({
    "name": "Pôle Ressources Petite Enfance du Puy-de-Dôme", "time_zone": "Europe/Paris",
    "departements": ["63"], "age_lower_birthday": 0, "age_upper_birthday": 7,
    "childcare_groups": ["eaje", "individual"], "opened_on": "2021-01-04", "late_entry_days": 60,
    "placement_review_months": [1, 3, 6, 12]
}))]
pub struct ServiceInput {
    /// Usual name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// IANA time zone in which the service's days begin and end.
    #[schema(max_length = 64)]
    #[validate(custom(function = "known_time_zone"))]
    pub time_zone: String,
    /// INSEE codes of the départements covered.
    #[schema(value_type = BTreeSet<DepartementCode>, min_items = 1, max_items = 20)]
    pub departements: Vec<DepartementCode>,
    /// Age in completed years from which children are accepted: 0 includes unborn children.
    #[schema(minimum = 0, maximum = 17)]
    pub age_lower_birthday: i32,
    /// Birthday from which children are no longer accepted: 18 for "0–17 révolus" (Cnaf), 7 for "0–6".
    #[schema(minimum = 1, maximum = 18)]
    pub age_upper_birthday: i32,
    /// Kinds of childcare that the service works with.
    #[schema(min_items = 1, max_items = 10)]
    pub childcare_groups: BTreeSet<ChildcareGroup>,
    /// First day of the service.
    pub opened_on: NaiveDate,
    /// How many days after its closing a case takes work that was done before. Default: 60.
    #[serde(default = "sixty")]
    #[schema(minimum = 0, maximum = 366)]
    pub late_entry_days: i32,
    /// When the service asks whether a child is still in a childcare place, in months after its start. It applies to the
    /// placements that are recorded or corrected from then on. Default: 1, 3, 6 and 12.
    #[serde(default = "first_year")]
    #[schema(value_type = BTreeSet<ReviewMonth>, required = false, max_items = 12)]
    pub placement_review_months: BTreeSet<i32>,
}

/// A number of months after the start of a placement.
#[derive(ToSchema)]
#[schema(minimum = 1, maximum = 60, example = json!(6))]
#[allow(dead_code, reason = "describes the number in the contract")]
pub struct ReviewMonth(i32);

/// The default of `placement_review_months`.
fn first_year() -> BTreeSet<i32> {
    FIRST_YEAR.into()
}

/// The default of `late_entry_days`. Choice: two months.
const fn sixty() -> i32 {
    60
}

fn known_time_zone(name: &str) -> Result<(), validator::ValidationError> {
    let known = name.parse::<chrono_tz::Tz>().is_ok();
    known.then_some(()).ok_or_else(|| {
        broken_rule(
            "unknown_time_zone",
            "",
            "Ce fuseau horaire n'existe pas dans la base IANA.",
            "This time zone is not in the IANA database.",
        )
    })
}

fn lower_before_upper(service: &ServiceInput) -> Result<(), validator::ValidationError> {
    if service.age_lower_birthday < service.age_upper_birthday {
        return Ok(());
    }
    Err(broken_rule(
        "empty_age_range",
        "age_upper_birthday",
        "La tranche d'âge est vide : `age_upper_birthday` doit être supérieur à `age_lower_birthday`.",
        "The age range is empty: `age_upper_birthday` must be greater than `age_lower_birthday`.",
    ))
}

/// Changes to a service. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"age_upper_birthday": 18, "closed_on": null}))]
pub struct ServicePatch {
    /// Usual name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// IANA time zone in which the service's days begin and end.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 64)]
    pub time_zone: Option<String>,
    /// INSEE codes of the départements covered.
    #[serde(default)]
    #[schema(value_type = BTreeSet<DepartementCode>, required = false, min_items = 1, max_items = 20)]
    pub departements: Option<Vec<DepartementCode>>,
    /// Age in completed years from which children are accepted.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 17)]
    pub age_lower_birthday: Option<i32>,
    /// Birthday from which children are no longer accepted.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 18)]
    pub age_upper_birthday: Option<i32>,
    /// Kinds of childcare that the service works with.
    #[serde(default)]
    #[schema(value_type = BTreeSet<ChildcareGroup>, required = false, min_items = 1, max_items = 10)]
    pub childcare_groups: Option<BTreeSet<ChildcareGroup>>,
    /// First day of the service.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub opened_on: Option<NaiveDate>,
    /// Last day of the service; null while it is active.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub closed_on: Field<NaiveDate>,
    /// How many days after its closing a case takes work that was done before.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 366)]
    pub late_entry_days: Option<i32>,
    /// When the service asks whether a child is still in a childcare place, in months after its start. It applies to the
    /// placements that are recorded or corrected from then on.
    #[serde(default)]
    #[schema(value_type = BTreeSet<ReviewMonth>, required = false, max_items = 12)]
    pub placement_review_months: Option<BTreeSet<i32>>,
}

/// A service (*pôle ressources handicap* or *pôle ressources petite enfance*), with its settings.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "name": "Pôle Ressources Petite Enfance du Puy-de-Dôme",
    "time_zone": "Europe/Paris", "departements": ["63"], "age_lower_birthday": 0, "age_upper_birthday": 7,
    "childcare_groups": ["eaje", "individual"], "opened_on": "2021-01-04", "closed_on": null, "late_entry_days": 60,
    "placement_review_months": [1, 3, 6, 12],
    "version": 1, "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct Service {
    /// Identifier.
    pub id: Id,
    /// Usual name.
    pub name: String,
    /// IANA time zone in which the service's days begin and end.
    pub time_zone: String,
    /// INSEE codes of the départements covered.
    pub departements: Vec<DepartementCode>,
    /// Age in completed years from which children are accepted.
    pub age_lower_birthday: i32,
    /// Birthday from which children are no longer accepted.
    pub age_upper_birthday: i32,
    /// Kinds of childcare that the service works with.
    pub childcare_groups: Vec<ChildcareGroup>,
    /// First day of the service.
    pub opened_on: NaiveDate,
    /// Last day of the service; null while it is active.
    pub closed_on: Option<NaiveDate>,
    /// How many days after its closing a case takes work that was done before.
    pub late_entry_days: i32,
    /// When the service asks whether a child is still in a childcare place, in months after its start.
    #[schema(value_type = BTreeSet<ReviewMonth>)]
    pub placement_review_months: BTreeSet<i32>,
    /// Version of the row.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::resource!(Service at "/v1/services/");

text_enum! {
    /// Sort order of the list of services.
    pub enum ServiceSort {
        /// Oldest first.
        CreatedAt = "created_at",
        /// Newest first.
        CreatedAtDesc = "-created_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
    }
}

/// Filters on services.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct ServiceFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub(super) id: Option<Vec<Id>>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub(super) updated_since: Option<UtcTs>,
    /// Sort order. Default: oldest first.
    pub(super) sort: Option<ServiceSort>,
}

crate::page! {
    /// A page of services.
    ServicePage of Service
}

/// A staff position to be added.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Coordinatrice ou coordinateur", "fte_percent": 100, "starts_on": "2021-01-04", "counted": true}))]
pub struct PositionInput {
    /// Title of the position, never the name of a person.
    #[schema(min_length = 1, max_length = 100)]
    pub title: String,
    /// Percent of a full-time equivalent.
    #[schema(minimum = 1, maximum = 100)]
    pub fte_percent: i32,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day, if known.
    pub ends_on: Option<NaiveDate>,
    /// Whether the position counts in the ratio of accompanied children per full-time equivalent (Cnaf: at least 30).
    pub counted: bool,
}

/// Changes to a staff position. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ends_on": "2026-08-31"}))]
pub struct PositionPatch {
    /// Title of the position, never the name of a person.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub title: Option<String>,
    /// Percent of a full-time equivalent.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 100)]
    pub fte_percent: Option<i32>,
    /// First day.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub starts_on: Option<NaiveDate>,
    /// Last day; null if unknown.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub ends_on: Field<NaiveDate>,
    /// Whether the position counts in the ratio of accompanied children per full-time equivalent (Cnaf: at least 30).
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    pub counted: Option<bool>,
}

/// A staff position.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c61", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "title": "Coordinatrice ou coordinateur", "fte_percent": 100, "starts_on": "2021-01-04", "ends_on": null, "counted": true,
    "version": 1
}))]
pub struct Position {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// Title of the position.
    pub title: String,
    /// Percent of a full-time equivalent.
    pub fte_percent: i32,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day, if known.
    pub ends_on: Option<NaiveDate>,
    /// Whether the position counts in the ratio of accompanied children per full-time equivalent.
    pub counted: bool,
    /// Version of the row.
    pub version: i32,
}

crate::resource!(Position at "/v1/positions/");

crate::page! {
    /// The positions of a service.
    PositionPage of Position
}
