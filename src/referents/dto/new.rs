//! Recording and correcting referents, in the contract.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::db::Id;
use crate::http::Field;
use crate::http::body::broken;
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
pub struct NewReferent {
    /// The service whose network they enter.
    pub service_id: Id,
    /// The structure that they are the referent of, of the service's directory.
    pub organisation_id: Id,
    /// Who they are.
    #[validate(nested)]
    pub identity: NewReferentIdentity,
    /// The first day in the network: nothing is attended or signed before it.
    pub appointed_on: NaiveDate,
}

/// Who a referent is: personal data, sealed at rest.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Dominique Exemple", "phone": "06 39 98 00 00"}))]
pub struct NewReferentIdentity {
    /// Name.
    #[schema(value_type = String, min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: Secret<String>,
    /// Telephone at work.
    #[schema(value_type = Option<String>, min_length = 4, max_length = 30, pattern = "^[+]?[0-9][0-9 .()-]*$")]
    pub phone: Option<Secret<String>>,
    /// E-mail address at work.
    #[schema(value_type = Option<String>, max_length = 254, format = Email)]
    pub email: Option<Secret<String>>,
    /// What they do in the structure.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"\S")]
    pub role: Option<Secret<String>>,
}

/// A correction of a referent, as a merge patch: what is absent stays. The charter and the departure have actions of their
/// own.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"identity": {"phone": "06 39 98 00 01", "role": null}}))]
pub struct ReferentPatch {
    /// The structure: of the service's directory. What was attended and signed stays with the person.
    #[serde(default)]
    #[schema(value_type = Id, required = false)]
    pub organisation_id: Option<Id>,
    /// Who they are.
    #[serde(default)]
    #[schema(value_type = ReferentIdentityPatch, required = false)]
    #[validate(nested)]
    pub identity: Option<ReferentIdentityPatch>,
    /// The first day in the network: not after what was attended or signed.
    #[serde(default)]
    #[schema(value_type = String, format = Date, required = false)]
    pub appointed_on: Option<NaiveDate>,
}

/// A correction of who a referent is.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"phone": "06 39 98 00 01", "role": null}))]
pub struct ReferentIdentityPatch {
    /// Name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: Option<Secret<String>>,
    /// Telephone at work; null when it is not known.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 4, max_length = 30, pattern = "^[+]?[0-9][0-9 .()-]*$")]
    pub phone: Field<Secret<String>>,
    /// E-mail address at work; null when it is not known.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 254, format = Email)]
    pub email: Field<Secret<String>>,
    /// What they do in the structure; null when it is not known.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"\S")]
    pub role: Field<Secret<String>>,
}

/// Signatures of the charter, all at once or one by one.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "says_who_signed"))]
#[schema(example = json!({"charter_version": "2026", "signed_by_referent_on": "2026-03-02"}))]
pub struct CharterSignature {
    /// The version of the charter. Another than the present one begins anew: the signatures of the former one go, and the
    /// referent is certified again once all three have signed.
    #[schema(min_length = 1, max_length = 50, pattern = r"\S")]
    pub charter_version: String,
    /// When the referent signed it.
    pub signed_by_referent_on: Option<NaiveDate>,
    /// When the structure did.
    pub signed_by_structure_on: Option<NaiveDate>,
    /// When the service did.
    pub signed_by_service_on: Option<NaiveDate>,
}

fn says_who_signed(charter: &CharterSignature) -> Result<(), ValidationError> {
    let signatures = [charter.signed_by_referent_on, charter.signed_by_structure_on, charter.signed_by_service_on];
    if signatures.iter().any(Option::is_some) {
        return Ok(());
    }
    Err(broken("no_signature", "", "Dire qui a signé, et quand.", "Say who signed, and when."))
}

/// A referent leaves the network.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"left_on": "2026-03-02", "reason": "left_structure"}))]
pub struct ReferentDeparture {
    /// The last day in the network.
    pub left_on: NaiveDate,
    /// Why. `entered_by_mistake` takes the referent out of the figures: they never were one.
    pub reason: ReferentDepartureReason,
}
