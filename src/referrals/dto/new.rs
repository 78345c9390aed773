//! Referrals in the contract: request bodies of their recording.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::FamilyAgreement;
use crate::cases::model::Subject;
use crate::db::Id;
use crate::households::dto::{ChildInput, ContactInput};
use crate::http::body::broken_rule;
use crate::http::bulk::BulkInput;
use crate::nomenclatures::codes::{
    ChildcareType, DisabilityFamily, NeedDomain, RecognitionStatus, ReferralChannel, ReferralNeed, ReferralOrigin,
};
use crate::privacy::Secret;
use crate::referrals::model::Urgency;
use crate::territories::CommuneCode;

/// The child of a referral and, for a new family, its household.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ReferredChild {
    /// Identity of the child.
    #[validate(nested)]
    pub identity: ChildInput,
    /// The household, if it is already recorded: for a sibling of a recorded child.
    pub household_id: Option<Id>,
    /// Postal address of a new household.
    #[schema(format = "lines", pattern = r"\S", value_type = Option<String>, min_length = 1, max_length = 500)]
    pub address: Option<Secret<String>>,
    /// Contacts of the family.
    #[serde(default)]
    #[schema(max_items = 20)]
    #[validate(nested)]
    pub contacts: Vec<ContactInput>,
}

/// A referral to be recorded. For a child, give `child`, or `child_id` if the child is already recorded. For a
/// structure, give `organisation_id`.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "about_one_subject", skip_on_field_errors = false))]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "subject": "child", "origin": "pmi", "channel": "phone",
    "received_on": "2026-03-02", "commune_code": "63300", "needs": ["find_childcare"],
    "child": {
        "identity": {"given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05"},
        "contacts": [{"relation": "parent", "name": "Camille Exemple", "phone": "06 00 00 00 00"}]
    },
    "recognition_status": "diagnosis_in_progress", "current_childcare": "none",
    "description": "La famille cherche une place trois jours par semaine.",
    "family_agreements": [{"purpose": "support", "given_by": "parent", "given_on": "2026-03-02"}],
    "external_id": "formulaire-2041"
}))]
pub struct ReferralInput {
    /// The service that receives the referral.
    pub service_id: Id,
    /// Subject: a child or a structure.
    pub subject: Subject,
    /// Who made the referral.
    pub origin: ReferralOrigin,
    /// Organisation that made the referral, in the service's directory.
    pub origin_organisation_id: Option<Id>,
    /// How the request arrived.
    pub channel: ReferralChannel,
    /// When it arrived. Default: today. Ages are computed on this date.
    pub received_on: Option<NaiveDate>,
    /// How urgent it is.
    #[serde(default = "default_urgency")]
    pub urgency: Urgency,
    /// The child, if it is not recorded yet.
    #[validate(nested)]
    pub child: Option<ReferredChild>,
    /// The child, if it is already recorded.
    pub child_id: Option<Id>,
    /// The structure, for a referral about a structure.
    pub organisation_id: Option<Id>,
    /// INSEE code of the commune concerned. Required for a new household. Default: the commune of the recorded
    /// household or of the structure.
    pub commune_code: Option<CommuneCode>,
    /// Needs, the main one first.
    #[schema(value_type = BTreeSet<ReferralNeed>, min_items = 1, max_items = 20)]
    pub needs: Vec<ReferralNeed>,
    /// Domain of the child's main need, as a code.
    pub need_domain: Option<NeedDomain>,
    /// Family of disability, as a code. Never required.
    pub disability_family: Option<DisabilityFamily>,
    /// Status of the official recognition of the disability. No proof is ever required.
    pub recognition_status: Option<RecognitionStatus>,
    /// Current childcare.
    pub current_childcare: Option<ChildcareType>,
    /// Organisation of the current childcare, in the service's directory.
    pub current_childcare_organisation_id: Option<Id>,
    /// Whether the need is about school time, which is out of scope except for bridges.
    #[serde(default)]
    pub concerns_school_time: bool,
    /// Free text: personal data, encrypted at rest. It must not contain a diagnosis.
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub description: Option<Secret<String>>,
    /// Agreements of the family, at most one per purpose.
    #[serde(default)]
    #[schema(max_items = 3)]
    #[validate(custom(function = "one_agreement_per_purpose"))]
    pub family_agreements: Vec<FamilyAgreement>,
    /// The caller's own identifier, unique among the caller's referrals: a second creation with it gets a 409 that names the
    /// first.
    #[schema(min_length = 1, max_length = 100)]
    pub external_id: Option<String>,
}

/// Referrals to be recorded.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ReferralsInput {
    /// The referrals.
    #[schema(min_items = 1, max_items = 100)]
    pub items: Vec<ReferralInput>,
}

impl BulkInput for ReferralsInput {
    type Item = ReferralInput;
}

fn default_urgency() -> Urgency {
    Urgency::Normal
}

fn about_one_subject(new: &ReferralInput) -> Result<(), ValidationError> {
    let both = "Donner soit `child`, soit `child_id`.";
    match new.subject {
        Subject::Child if new.child.is_some() == new.child_id.is_some() => {
            Err(broken_rule("one_child", "child", both, "Give either `child` or `child_id`."))
        }
        Subject::Structure if new.child.is_some() || new.child_id.is_some() => Err(broken_rule(
            "no_child",
            "child",
            "Une demande concernant une structure ne porte pas sur un enfant.",
            "A referral about a structure has no child.",
        )),
        Subject::Structure if new.organisation_id.is_none() => Err(broken_rule(
            "structure_required",
            "organisation_id",
            "Indiquer la structure concernée.",
            "Give the structure concerned.",
        )),
        Subject::Child | Subject::Structure => Ok(()),
    }
}

fn one_agreement_per_purpose(agreements: &[FamilyAgreement]) -> Result<(), ValidationError> {
    let repeated =
        |(index, one): (usize, &FamilyAgreement)| agreements[..index].iter().any(|o| o.purpose == one.purpose);
    if agreements.iter().enumerate().any(repeated) {
        return Err(broken_rule(
            "not_unique",
            "",
            "Une même finalité d'accord est donnée deux fois.",
            "A purpose is given twice.",
        ));
    }
    Ok(())
}
