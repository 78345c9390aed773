//! Resource people in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::nomenclatures::codes::ResourceProfession;

/// A resource person to be added to the directory.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "name": "Dominique Exemple", "profession": "speech_therapist",
    "phone": "04 73 00 00 00", "email": "dominique@example.org"
}))]
pub struct ResourcePersonInput {
    /// The service to whose directory it is added.
    pub service_id: Id,
    /// Name.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: String,
    /// Profession.
    pub profession: ResourceProfession,
    /// The organisation of the directory in which the person works; none for a practice of their own.
    pub organisation_id: Option<Id>,
    /// Telephone number, as dialled.
    #[schema(min_length = 4, max_length = 30, pattern = "^[ ]*[+(]*[0-9][0-9 .()\\u00A0\\u2009\\u202F\\u2011-]*$")]
    pub phone: Option<String>,
    /// E-mail address.
    #[schema(max_length = 254, format = Email)]
    pub email: Option<String>,
}

/// Changes to a resource person. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"profession": "psychologist", "phone": null}))]
pub struct ResourcePersonPatch {
    /// Name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: Option<String>,
    /// Profession.
    #[serde(default)]
    #[schema(value_type = ResourceProfession, required = false)]
    pub profession: Option<ResourceProfession>,
    /// The organisation of the directory in which the person works; null for a practice of their own.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    pub organisation_id: Field<Id>,
    /// Telephone number, as dialled; null if there is none.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 4, max_length = 30, pattern = "^[ ]*[+(]*[0-9][0-9 .()\\u00A0\\u2009\\u202F\\u2011-]*$")]
    pub phone: Field<String>,
    /// E-mail address; null if there is none.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 254, format = Email)]
    pub email: Field<String>,
    /// Last day on which the person can be called upon, not in the future; null if they can be again.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub left_on: Field<NaiveDate>,
}

/// A resource person of the directory: an outside professional who can be called upon.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f70", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "name": "Dominique Exemple", "profession": "speech_therapist", "profession_label": "Orthophoniste",
    "organisation_id": null, "organisation_name": null, "phone": "04 73 00 00 00", "email": "dominique@example.org",
    "left_on": null, "version": 1, "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct ResourcePerson {
    /// Identifier.
    pub id: Id,
    /// The service whose directory contains it.
    pub service_id: Id,
    /// Name.
    pub name: String,
    /// Profession.
    pub profession: ResourceProfession,
    /// Label of the profession, in the language of the response.
    pub profession_label: Option<&'static str>,
    /// The organisation in which the person works; null for a practice of their own.
    pub organisation_id: Option<Id>,
    /// Name of this organisation.
    pub organisation_name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    #[schema(format = Email)]
    pub email: Option<String>,
    /// Last day on which the person could be called upon; null while they can.
    pub left_on: Option<NaiveDate>,
    /// Version of the row.
    pub version: i32,
    /// When it was added.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::resource!(ResourcePerson at "/v1/resource-people/");

crate::page! {
    /// A page of resource people.
    ResourcePersonPage of ResourcePerson
}

/// Filters on resource people: all the given ones apply.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct ResourcePersonFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Only this service. When absent: every service that the caller can access.
    pub service_id: Option<Id>,
    /// Professions, separated by commas: only the people of one of them.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20, example = json!(["speech_therapist"]))]
    pub profession: Option<Vec<ResourceProfession>>,
    /// Only the people who work in this organisation.
    pub organisation_id: Option<Id>,
    /// `false`: only the people who can be called upon. `true`: only those who have left.
    pub has_left: Option<bool>,
    /// Words that must all appear in the name, ignoring case, accents and punctuation.
    #[param(min_length = 1, max_length = 100, example = "exemple")]
    pub name: Option<String>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: by name.
    pub sort: Option<ResourcePersonSort>,
}

text_enum! {
    /// Sort order of resource people. Names are compared without case, accents or punctuation.
    pub enum ResourcePersonSort {
        /// By name, A to Z.
        Name = "name",
        /// By name, Z to A.
        NameDesc = "-name",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
    }
}
