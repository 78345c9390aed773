//! Referents in the contract: request bodies.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::db::Id;
use crate::http::Field;
use crate::http::body::broken_rule;
use crate::nomenclatures::codes::ReferentDepartureReason;
use crate::privacy::Secret;

/// A referent to be recorded.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62",
    "identity": {"name": "Dominique Exemple", "email": "dominique@example.org", "role": "Éducatrice de jeunes enfants"},
    "appointed_on": "2026-01-12"
}))]
pub struct ReferentInput {
    /// The service whose network they join.
    pub service_id: Id,
    /// The structure of the referent, in the service's directory.
    pub organisation_id: Id,
    /// Name, contact details and role.
    #[validate(nested)]
    pub identity: ReferentIdentityInput,
    /// First day in the network: no attendance and no signature is earlier.
    pub appointed_on: NaiveDate,
}

/// Name, contact details and role of a referent: personal data, encrypted at rest.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Dominique Exemple", "phone": "06 39 98 00 00"}))]
pub struct ReferentIdentityInput {
    /// Name.
    #[schema(value_type = String, min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: Secret<String>,
    /// Telephone at work.
    #[schema(value_type = Option<String>, min_length = 4, max_length = 30, pattern = "^[ ]*[+(]*[0-9][0-9 .()\\u00A0\\u2009\\u202F\\u2011-]*$")]
    pub phone: Option<Secret<String>>,
    /// E-mail address at work.
    #[schema(value_type = Option<String>, max_length = 254, format = Email)]
    pub email: Option<Secret<String>>,
    /// Role in the structure.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"\S")]
    pub role: Option<Secret<String>>,
}

/// Changes to a referent. A merge patch (RFC 7396): an absent field keeps its value, null removes it. The charter and
/// the departure have their own actions.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"identity": {"phone": "06 39 98 00 01", "role": null}}))]
pub struct ReferentPatch {
    /// The structure, in the service's directory. Attendances and signatures stay with the referent.
    #[serde(default)]
    #[schema(value_type = Id, required = false)]
    pub organisation_id: Option<Id>,
    /// Name, contact details and role.
    #[serde(default)]
    #[schema(value_type = ReferentIdentityPatch, required = false)]
    #[validate(nested)]
    pub identity: Option<ReferentIdentityPatch>,
    /// First day in the network: no attendance and no signature is earlier.
    #[serde(default)]
    #[schema(value_type = String, format = Date, required = false)]
    pub appointed_on: Option<NaiveDate>,
}

/// Changes to the name, the contact details or the role of a referent.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"phone": "06 39 98 00 01", "role": null}))]
pub struct ReferentIdentityPatch {
    /// Name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: Option<Secret<String>>,
    /// Telephone at work; null if unknown.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 4, max_length = 30, pattern = "^[ ]*[+(]*[0-9][0-9 .()\\u00A0\\u2009\\u202F\\u2011-]*$")]
    pub phone: Field<Secret<String>>,
    /// E-mail address at work; null if unknown.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 254, format = Email)]
    pub email: Field<Secret<String>>,
    /// Role in the structure; null if unknown.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"\S")]
    pub role: Field<Secret<String>>,
}

/// One or more signatures of the charter.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "has_a_signature"))]
#[schema(example = json!({"charter_version": "2026", "signed_by_referent_on": "2026-03-02"}))]
pub struct CharterSignature {
    /// Version of the charter. A version other than the current one discards the existing signatures: the referent is
    /// certified again once all three parties have signed the new version.
    #[schema(min_length = 1, max_length = 50, pattern = r"\S")]
    pub charter_version: String,
    /// Date of the referent's signature.
    pub signed_by_referent_on: Option<NaiveDate>,
    /// Date of the structure's signature.
    pub signed_by_structure_on: Option<NaiveDate>,
    /// Date of the service's signature.
    pub signed_by_service_on: Option<NaiveDate>,
}

fn has_a_signature(charter: &CharterSignature) -> Result<(), ValidationError> {
    let signatures = [charter.signed_by_referent_on, charter.signed_by_structure_on, charter.signed_by_service_on];
    if signatures.iter().any(Option::is_some) {
        return Ok(());
    }
    Err(broken_rule(
        "no_signature",
        "",
        "Indiquer au moins une signature et sa date.",
        "Give at least one signature with its date.",
    ))
}

/// The departure of a referent from the network.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"left_on": "2026-03-02", "reason": "left_structure"}))]
pub struct ReferentDeparture {
    /// Last day in the network.
    pub left_on: NaiveDate,
    /// Reason. `entered_by_mistake` excludes the referent from all figures.
    pub reason: ReferentDepartureReason,
}
