//! Referrals in the contract: what is answered. What is sent is in the files beside.

pub mod decisions;
pub mod filter;
pub mod new;
pub mod patch;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::{AgreementPurpose, ReferralAction, ReferralRule, ReferralStatus, Urgency};
use crate::cases::model::Subject;
use crate::db::{Id, UtcTs};
use crate::households::dto::{Candidate, Child};
use crate::http::reply::Located;
use crate::nomenclatures::codes::{
    ChildcareType, DisabilityFamily, NeedDomain, ParticipantType, RecognitionStatus, ReferralChannel, ReferralNeed,
    ReferralOrigin, ReferralReason,
};
use crate::privacy::Secret;
use crate::territories::CommuneCode;

/// What the family agreed to, who agreed, and when.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"purpose": "partner_contact", "given_by": "parent", "given_on": "2026-03-02"}))]
pub struct FamilyAgreement {
    /// What for.
    pub purpose: AgreementPurpose,
    /// Who agreed.
    pub given_by: ParticipantType,
    /// When.
    pub given_on: NaiveDate,
}

/// A referral.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c80", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "status": "received", "available_actions": ["qualify", "accept", "put_on_waiting_list", "decline", "redirect", "withdraw"],
    "breached_rules": [], "subject": "child", "origin": "pmi", "origin_organisation_id": null, "channel": "phone",
    "received_on": "2026-03-02", "urgency": "normal",
    "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "child_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c71",
    "child": {
        "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c71", "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
        "given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05", "expected_on": null, "version": 1
    },
    "age_on_request": 2, "organisation_id": null, "commune_code": "63300", "needs": ["find_childcare"],
    "need_domain": null, "disability_family": null, "recognition_status": "diagnosis_in_progress",
    "current_childcare": "none", "current_childcare_organisation_id": null, "concerns_school_time": false,
    "description": "La famille cherche une place trois jours par semaine.",
    "family_agreements": [{"purpose": "support", "given_by": "parent", "given_on": "2026-03-02"}],
    "external_id": "formulaire-2041", "waiting_since": null, "decided_on": null, "reason": null,
    "redirected_to_id": null, "case_id": null, "author": "client:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c64", "version": 1,
    "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct Referral {
    /// Identifier.
    pub id: Id,
    /// The service that is asked.
    pub service_id: Id,
    /// Where it stands.
    pub status: ReferralStatus,
    /// What can be done with it now.
    pub available_actions: Vec<ReferralAction>,
    /// The rules of the public that taking it on would break: overrides need a reason each.
    pub breached_rules: Vec<ReferralRule>,
    /// Whom it is about.
    pub subject: Subject,
    /// Who refers.
    pub origin: ReferralOrigin,
    /// The organisation that refers.
    pub origin_organisation_id: Option<Id>,
    /// How the request arrived.
    pub channel: ReferralChannel,
    /// When it arrived.
    pub received_on: NaiveDate,
    /// How pressing it is.
    pub urgency: Urgency,
    /// The household.
    pub household_id: Option<Id>,
    /// The child.
    pub child_id: Option<Id>,
    /// The child's identity: for callers who hold `households:read`, else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child: Option<Child>,
    /// Completed years on the date of the request; null for a structure or an erased child.
    pub age_on_request: Option<u32>,
    /// The structure that the referral is about.
    pub organisation_id: Option<Id>,
    /// INSEE code of the commune concerned.
    pub commune_code: CommuneCode,
    /// What is asked for; the first is the main need.
    pub needs: Vec<ReferralNeed>,
    /// The child's main need, coded.
    pub need_domain: Option<NeedDomain>,
    /// A family of disability, coded.
    pub disability_family: Option<DisabilityFamily>,
    /// Where the recognition of the disability stands.
    pub recognition_status: Option<RecognitionStatus>,
    /// The present childcare.
    pub current_childcare: Option<ChildcareType>,
    /// The present childcare's organisation.
    pub current_childcare_organisation_id: Option<Id>,
    /// Whether the need is about school time.
    pub concerns_school_time: bool,
    /// Free text.
    #[schema(value_type = Option<String>)]
    pub description: Option<Secret<String>>,
    /// What the family agreed to.
    pub family_agreements: Vec<FamilyAgreement>,
    /// The author's own key.
    pub external_id: Option<String>,
    /// Since when it waits, on the waiting list.
    pub waiting_since: Option<NaiveDate>,
    /// When the last decision was taken.
    pub decided_on: Option<NaiveDate>,
    /// Why the last decision was taken.
    pub reason: Option<ReferralReason>,
    /// The partner it was handed to.
    pub redirected_to_id: Option<Id>,
    /// The case that acceptance opened or joined.
    pub case_id: Option<Id>,
    /// Who recorded it.
    pub author: String,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl Located for Referral {
    fn location(&self) -> String {
        format!("/v1/referrals/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::versioned!(Referral);

/// A referral as just recorded, with what it resembles.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordedReferral {
    /// The referral.
    pub referral: Referral,
    /// Likely duplicates: for a person to decide, they block nothing.
    pub possible_duplicates: Vec<PossibleDuplicate>,
}

impl Located for RecordedReferral {
    fn location(&self) -> String {
        self.referral.location()
    }

    fn version(&self) -> Option<i32> {
        Some(self.referral.version)
    }
}

/// A child or a structure that already has referrals.
#[derive(Debug, Serialize, ToSchema)]
pub struct PossibleDuplicate {
    /// The child that resembles the referral's; absent for a structure, and for the same child's own
    /// earlier referrals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate: Option<Candidate>,
    /// Its other referrals, newest first.
    pub referral_ids: Vec<Id>,
}

/// What a referral resembles.
#[derive(Debug, Serialize, ToSchema)]
pub struct PossibleDuplicates {
    /// Likely duplicates, most likely first.
    pub data: Vec<PossibleDuplicate>,
}

crate::bulk! {
    /// What became of the referrals of a bulk recording.
    RecordedReferrals, RecordedReferralItem of RecordedReferral
}

crate::page! {
    /// A page of referrals.
    ReferralPage of Referral
}

/// A referral of the waiting list.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingReferral {
    /// Days since it was put on the list, today excluded.
    #[schema(example = 12)]
    pub days_waited: i64,
    /// The referral.
    pub referral: Referral,
}

crate::page! {
    /// A page of the waiting list.
    WaitingListPage of WaitingReferral
}

/// Something that was done with a referral.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "version": 2, "action": "accept", "from_status": "received", "to_status": "accepted", "reason": "within_scope",
    "overridden_rules": [{"rule": "out_of_territory", "reason": "La famille déménage en avril."}], "comment": null,
    "happened_on": "2026-03-05", "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63",
    "created_at": "2026-03-05T09:00:00.000000Z"
}))]
pub struct ReferralEvent {
    /// The version of the referral that it made; 1 is its recording.
    pub version: i32,
    /// What was done: an action, `record`, or `record_agreement`.
    #[schema(example = "accept")]
    pub action: String,
    /// The state before; null for the recording.
    pub from_status: Option<ReferralStatus>,
    /// The state after.
    pub to_status: ReferralStatus,
    /// Why.
    pub reason: Option<ReferralReason>,
    /// The rules that were overridden, and why.
    pub overridden_rules: Vec<Override>,
    /// What the author noted.
    #[schema(value_type = Option<String>)]
    pub comment: Option<Secret<String>>,
    /// The date that the author gave.
    pub happened_on: NaiveDate,
    /// Who did it.
    pub author: String,
    /// When it was recorded.
    pub created_at: UtcTs,
}

crate::page! {
    /// A page of the history of a referral, oldest first.
    ReferralEventPage of ReferralEvent
}

/// A rule that is set aside for this referral, and why.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"rule": "out_of_territory", "reason": "La famille déménage en avril."}))]
pub struct Override {
    /// The rule.
    pub rule: ReferralRule,
    /// Why it is set aside: personal data, sealed at rest.
    #[schema(value_type = String, min_length = 3, max_length = 1000)]
    pub reason: Secret<String>,
}
