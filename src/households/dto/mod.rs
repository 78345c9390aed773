//! Households in the contract.

pub mod patch;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::model::{ChildIdentity, ContactIdentity, Likelihood};
use crate::db::{Id, UtcTs};
use crate::http::body::broken_rule;
use crate::nomenclatures::codes::ParticipantType;
use crate::privacy::{Secret, TokenKind};
use crate::territories::CommuneCode;

/// A child to be recorded: born, with a birth date, or unborn, with an expected date of birth.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "one_date", skip_on_field_errors = false))]
#[schema(example = json!({"given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05"}))]
pub struct ChildInput {
    /// Given name; may be absent for an unborn child.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub given_name: Option<Secret<String>>,
    /// Family name.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub family_name: Secret<String>,
    /// Birth date, for a born child: not in the future, and within the last 25 years.
    pub birth_date: Option<NaiveDate>,
    /// Expected date of birth, for an unborn child: within the next ten months, or the last two.
    pub expected_on: Option<NaiveDate>,
}

fn one_date(child: &ChildInput) -> Result<(), ValidationError> {
    match (child.birth_date, child.expected_on) {
        (Some(_), None) if child.given_name.is_none() => Err(broken_rule(
            "given_name_required",
            "given_name",
            "Le prénom est obligatoire pour un enfant né.",
            "A given name is required for a born child.",
        )),
        (Some(_), None) | (None, Some(_)) => Ok(()),
        _ => Err(broken_rule(
            "one_date",
            "birth_date",
            "Donner soit la date de naissance, soit la date de naissance prévue d'un enfant à naître.",
            "Give either the birth date, or the expected date of birth of an unborn child.",
        )),
    }
}

impl From<&ChildInput> for ChildIdentity {
    fn from(new: &ChildInput) -> Self {
        Self {
            given_name: new.given_name.as_ref().map(|name| name.reveal().clone()),
            family_name: new.family_name.reveal().clone(),
            birth_date: new.birth_date,
            expected_on: new.expected_on,
        }
    }
}

/// A contact of the family.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "relation": "parent", "name": "Camille Exemple", "phone": "06 00 00 00 00", "holds_parental_authority": true
}))]
pub struct ContactInput {
    /// Relation of the person to the child.
    pub relation: ParticipantType,
    /// Name.
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub name: Secret<String>,
    /// Telephone number.
    #[schema(value_type = Option<String>, min_length = 6, max_length = 30, pattern = "^[ ]*[+(]*[0-9][0-9 .()\\u00A0\\u2009\\u202F\\u2011-]*$")]
    pub phone: Option<Secret<String>>,
    /// E-mail address; several people may share one.
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    pub email: Option<Secret<String>>,
    /// Whether the person holds parental authority; absent if unknown.
    pub holds_parental_authority: Option<bool>,
}

impl From<&ContactInput> for ContactIdentity {
    fn from(new: &ContactInput) -> Self {
        let text = |secret: &Option<Secret<String>>| secret.as_ref().map(|secret| secret.reveal().clone());
        Self { name: new.name.reveal().clone(), phone: text(&new.phone), email: text(&new.email) }
    }
}

/// A household to be recorded, with its children and contacts.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "commune_code": "63300",
    "children": [{"given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05"}],
    "contacts": [{"relation": "parent", "name": "Camille Exemple", "phone": "06 00 00 00 00"}]
}))]
pub struct HouseholdInput {
    /// The service.
    pub service_id: Id,
    /// INSEE code of the commune where the family lives.
    pub commune_code: CommuneCode,
    /// Postal address.
    #[schema(format = "lines", pattern = r"\S", value_type = Option<String>, min_length = 1, max_length = 500)]
    pub address: Option<Secret<String>>,
    /// Children.
    #[serde(default)]
    #[schema(max_items = 20)]
    #[validate(nested)]
    pub children: Vec<ChildInput>,
    /// Contacts.
    #[serde(default)]
    #[schema(max_items = 20)]
    #[validate(nested)]
    pub contacts: Vec<ContactInput>,
}

/// A household with its children and contacts.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "commune_code": "63300", "commune_name": "Riom", "address": null,
    "children": [{
        "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c71", "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
        "given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05", "expected_on": null,
    "version": 1
    }],
    "contacts": [{
        "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c72", "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
        "relation": "parent", "name": "Camille Exemple", "phone": "06 00 00 00 00", "email": null,
        "holds_parental_authority": null, "version": 1
    }],
    "version": 1, "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct Household {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// INSEE code of the commune where the family lives.
    pub commune_code: CommuneCode,
    /// Name of the commune.
    pub commune_name: Option<&'static str>,
    /// Postal address.
    #[schema(value_type = Option<String>)]
    pub address: Option<Secret<String>>,
    /// Children, in the order in which they were recorded.
    pub children: Vec<Child>,
    /// Contacts, in the order in which they were recorded.
    pub contacts: Vec<Contact>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::resource!(Household at "/v1/households/");

/// A child.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c71", "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05", "expected_on": null,
    "version": 1
}))]
pub struct Child {
    /// Identifier.
    pub id: Id,
    /// The household.
    pub household_id: Id,
    /// Given name; may be null for an unborn child.
    #[schema(value_type = Option<String>)]
    pub given_name: Option<Secret<String>>,
    /// Family name.
    #[schema(value_type = String)]
    pub family_name: Secret<String>,
    /// Birth date.
    pub birth_date: Option<NaiveDate>,
    /// Expected date of birth of an unborn child.
    pub expected_on: Option<NaiveDate>,
    /// Version of the row.
    pub version: i32,
}

impl Child {
    /// Builds a child from its opened identity.
    pub fn new(id: Id, household_id: Id, identity: &ChildIdentity, version: i32) -> Self {
        Self {
            id,
            household_id,
            given_name: identity.given_name.clone().map(Secret::new),
            family_name: Secret::new(identity.family_name.clone()),
            birth_date: identity.birth_date,
            expected_on: identity.expected_on,
            version,
        }
    }

    /// The identity, for comparisons.
    pub fn identity(&self) -> ChildIdentity {
        ChildIdentity {
            given_name: self.given_name.as_ref().map(|name| name.reveal().clone()),
            family_name: self.family_name.reveal().clone(),
            birth_date: self.birth_date,
            expected_on: self.expected_on,
        }
    }
}

crate::resource!(Child at "/v1/children/");

/// A contact of the family.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c72", "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "relation": "parent", "name": "Camille Exemple", "phone": "06 00 00 00 00", "email": null,
    "holds_parental_authority": true, "version": 1
}))]
pub struct Contact {
    /// Identifier.
    pub id: Id,
    /// The household.
    pub household_id: Id,
    /// Relation of the person to the child.
    pub relation: ParticipantType,
    /// Name.
    #[schema(value_type = String)]
    pub name: Secret<String>,
    /// Telephone number.
    #[schema(value_type = Option<String>)]
    pub phone: Option<Secret<String>>,
    /// E-mail address.
    #[schema(value_type = Option<String>)]
    pub email: Option<Secret<String>>,
    /// Whether the person holds parental authority; null if unknown.
    pub holds_parental_authority: Option<bool>,
    /// Version of the row.
    pub version: i32,
}

crate::resource!(Contact at "/v1/contacts/");

/// The criteria of a look-up: at least a family name or a given name with a birth date, or both names, or a telephone number,
/// or an e-mail address. Without a birth date, the names are compared exactly, but for case, accents, hyphens and the order
/// of the words.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "enough_to_look_up", skip_on_field_errors = false))]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "given_name": "Zoé", "family_name": "Exemple",
    "birth_date": "2023-04-05"
}))]
pub struct ChildLookUp {
    /// The service.
    pub service_id: Id,
    /// Given name.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub given_name: Option<Secret<String>>,
    /// Family name.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub family_name: Option<Secret<String>>,
    /// Birth date, or expected date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Telephone number of a contact.
    #[schema(value_type = Option<String>, min_length = 6, max_length = 30, pattern = "^[ ]*[+(]*[0-9][0-9 .()\\u00A0\\u2009\\u202F\\u2011-]*$")]
    pub phone: Option<Secret<String>>,
    /// E-mail address of a contact.
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    pub email: Option<Secret<String>>,
}

fn enough_to_look_up(wanted: &ChildLookUp) -> Result<(), ValidationError> {
    let (family, given) = (wanted.family_name.is_some(), wanted.given_name.is_some());
    let named = (family && given) || ((family || given) && wanted.birth_date.is_some());
    if named || wanted.phone.is_some() || wanted.email.is_some() {
        return Ok(());
    }
    Err(broken_rule(
        "not_enough_to_look_up",
        "",
        "Donner un nom ou un prénom avec la date de naissance, ou le nom et le prénom, ou un numéro de téléphone, ou une adresse électronique.",
        "Give a family name or a given name with the birth date, or both names, or a telephone number, or an e-mail address.",
    ))
}

/// A child that resembles the one described.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "child": {
        "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c71", "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
        "given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05", "expected_on": null,
    "version": 1
    },
    "likelihood": "same", "matched_on": ["family_name_birth_date", "given_name_birth_date"]
}))]
pub struct Candidate {
    /// The child.
    pub child: Child,
    /// How likely it is the child described.
    pub likelihood: Likelihood,
    /// What they have in common.
    pub matched_on: Vec<TokenKind>,
}

/// The children that resemble the one described, most likely first, at most 50; at most 20 without a birth date.
#[derive(Debug, Serialize, ToSchema)]
pub struct Candidates {
    /// The candidates.
    pub data: Vec<Candidate>,
}
