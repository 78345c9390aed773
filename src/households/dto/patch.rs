//! Households in the contract: request bodies of corrections.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::http::Field;
use crate::nomenclatures::codes::ParticipantType;
use crate::privacy::Secret;
use crate::territories::CommuneCode;

/// Changes to a household. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"commune_code": "63032", "address": null}))]
pub struct HouseholdPatch {
    /// INSEE code of the commune where the family lives.
    #[serde(default)]
    #[schema(value_type = CommuneCode, required = false)]
    pub commune_code: Option<CommuneCode>,
    /// Postal address; null if unknown.
    #[serde(default)]
    #[schema(format = "lines", pattern = r"\S", value_type = Option<String>, min_length = 1, max_length = 500)]
    pub address: Field<Secret<String>>,
}

/// Changes to a child. A merge patch (RFC 7396): an absent field keeps its value, null removes it. When a child is
/// born, give `birth_date` and `given_name`, and set `expected_on` to null.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"given_name": "Zoé", "birth_date": "2026-03-02", "expected_on": null}))]
pub struct ChildPatch {
    /// Given name; may be null for an unborn child.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub given_name: Field<Secret<String>>,
    /// Family name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub family_name: Option<Secret<String>>,
    /// Birth date, for a born child: not in the future, and within the last 25 years.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub birth_date: Field<NaiveDate>,
    /// Expected date of birth, for an unborn child. A new one is within the next ten months, or the last two.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub expected_on: Field<NaiveDate>,
}

/// Changes to a contact. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"phone": "06 00 00 00 01", "email": null}))]
pub struct ContactPatch {
    /// Relation of the person to the child.
    #[serde(default)]
    #[schema(value_type = ParticipantType, required = false)]
    pub relation: Option<ParticipantType>,
    /// Name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    pub name: Option<Secret<String>>,
    /// Telephone number; null if there is none.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 6, max_length = 30, pattern = "^[ ]*[+(]*[0-9][0-9 .()\\u00A0\\u2009\\u202F\\u2011-]*$")]
    pub phone: Field<Secret<String>>,
    /// E-mail address; null if there is none.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    pub email: Field<Secret<String>>,
    /// Whether the person holds parental authority; null if unknown.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub holds_parental_authority: Field<bool>,
}
