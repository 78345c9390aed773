//! A referral to be recorded, in the contract.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::FamilyAgreement;
use crate::cases::model::Subject;
use crate::db::Id;
use crate::households::dto::{NewChild, NewContact};
use crate::http::body::broken;
use crate::nomenclatures::codes::{
    ChildcareType, DisabilityFamily, NeedDomain, RecognitionStatus, ReferralChannel, ReferralNeed, ReferralOrigin,
};
use crate::privacy::Secret;
use crate::referrals::model::Urgency;
use crate::territories::CommuneCode;

/// The child of a referral and, for a family that is not known yet, its household.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ReferredChild {
    /// Who the child is.
    #[validate(nested)]
    pub identity: NewChild,
    /// The household, when it is known: a brother or a sister of a child already recorded.
    pub household_id: Option<Id>,
    /// Postal address of a new household.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub address: Option<Secret<String>>,
    /// People to call.
    #[serde(default)]
    #[schema(max_items = 20)]
    #[validate(nested)]
    pub contacts: Vec<NewContact>,
}

/// A referral to be recorded. About a child: `child`, or `child_id` if it is known. About a structure:
/// `organisation_id`.
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
pub struct NewReferral {
    /// The service that is asked.
    pub service_id: Id,
    /// Whom it is about.
    pub subject: Subject,
    /// Who refers.
    pub origin: ReferralOrigin,
    /// The organisation that refers, in the service's directory.
    pub origin_organisation_id: Option<Id>,
    /// How the request arrived.
    pub channel: ReferralChannel,
    /// When it arrived, today unless said; ages are computed on this date.
    pub received_on: Option<NaiveDate>,
    /// How pressing it is.
    #[serde(default = "normal")]
    pub urgency: Urgency,
    /// The child, when it is not known yet.
    #[validate(nested)]
    pub child: Option<ReferredChild>,
    /// The child, when it is known.
    pub child_id: Option<Id>,
    /// The structure, when the referral is about one.
    pub organisation_id: Option<Id>,
    /// INSEE code of the commune concerned. Required for a new household; else that of the known
    /// household or of the structure unless said.
    pub commune_code: Option<CommuneCode>,
    /// What is asked for; the first is the main need.
    #[schema(value_type = BTreeSet<ReferralNeed>, min_items = 1, max_items = 20)]
    pub needs: Vec<ReferralNeed>,
    /// The child's main need, coded.
    pub need_domain: Option<NeedDomain>,
    /// A family of disability, coded. Never required.
    pub disability_family: Option<DisabilityFamily>,
    /// Where the recognition of the disability stands. No proof is ever asked for.
    pub recognition_status: Option<RecognitionStatus>,
    /// The present childcare.
    pub current_childcare: Option<ChildcareType>,
    /// The present childcare's organisation, in the service's directory.
    pub current_childcare_organisation_id: Option<Id>,
    /// Whether the need is about school time, which is out of scope but for bridges.
    #[serde(default)]
    pub concerns_school_time: bool,
    /// Free text: personal data, sealed at rest. No diagnosis belongs here.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub description: Option<Secret<String>>,
    /// What the family agreed to.
    #[serde(default)]
    #[schema(max_items = 3)]
    #[validate(custom(function = "one_agreement_a_purpose"))]
    pub family_agreements: Vec<FamilyAgreement>,
    /// The caller's own key, unique among its referrals: a second creation with it is a 409 that names
    /// the first.
    #[schema(min_length = 1, max_length = 100)]
    pub external_id: Option<String>,
}

/// Referrals to be recorded.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewReferrals {
    /// The referrals.
    #[schema(min_items = 1, max_items = 100)]
    #[validate(nested)]
    pub items: Vec<NewReferral>,
}

fn normal() -> Urgency {
    Urgency::Normal
}

fn about_one_subject(new: &NewReferral) -> Result<(), ValidationError> {
    let both = "Donner child ou child_id, l'un des deux.";
    match new.subject {
        Subject::Child if new.child.is_some() == new.child_id.is_some() => {
            Err(broken("one_child", "child", both, "Give child or child_id, one of them."))
        }
        Subject::Structure if new.child.is_some() || new.child_id.is_some() => Err(broken(
            "no_child",
            "child",
            "Une demande pour une structure ne porte sur aucun enfant.",
            "A referral about a structure is about no child.",
        )),
        Subject::Structure if new.organisation_id.is_none() => Err(broken(
            "structure_required",
            "organisation_id",
            "Indiquer la structure concernée.",
            "Say which structure it is about.",
        )),
        Subject::Child | Subject::Structure => Ok(()),
    }
}

fn one_agreement_a_purpose(agreements: &[FamilyAgreement]) -> Result<(), ValidationError> {
    let twice = |(index, one): (usize, &FamilyAgreement)| agreements[..index].iter().any(|o| o.purpose == one.purpose);
    if agreements.iter().enumerate().any(twice) {
        return Err(broken("not_unique", "", "Un objet d'accord est répété.", "A purpose is repeated."));
    }
    Ok(())
}
