//! Referrals in the contract: responses. Request bodies are in the submodules.

pub mod decisions;
pub mod expansion;
pub mod filter;
pub mod new;
pub mod patch;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use self::expansion::ReferralExpansion;
use super::model::{AgreementPurpose, ReferralAction, ReferralRule, ReferralStatus, Urgency};
use crate::cases::corrections::dto::CountedIn;
use crate::cases::model::Subject;
use crate::db::{Id, UtcTs};
use crate::households::dto::{Candidate, Child};
use crate::http::reply::Located;
use crate::nomenclatures::codes::{
    ChildcareType, DisabilityFamily, NeedDomain, ParticipantType, RecognitionStatus, ReferralChannel, ReferralNeed,
    ReferralOrigin, ReferralReason,
};
use crate::privacy::Secret;
use crate::territories::{CommuneCode, EpciCode};

/// An agreement of the family: for what, by whom, and when.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"purpose": "partner_contact", "given_by": "parent", "given_on": "2026-03-02"}))]
pub struct FamilyAgreement {
    /// Purpose of the agreement.
    pub purpose: AgreementPurpose,
    /// Who agreed: a parent or another legal guardian, the judge or the service in their place, or the young person.
    pub given_by: ParticipantType,
    /// Date of the agreement.
    pub given_on: NaiveDate,
}

/// A referral.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c80", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "status": "received", "available_actions": ["qualify", "accept", "put_on_waiting_list", "decline", "redirect", "withdraw", "annul"],
    "breached_rules": [], "subject": "child", "origin": "pmi", "origin_organisation_id": null,
    "origin_organisation_name": null, "channel": "phone",
    "received_on": "2026-03-02", "urgency": "normal",
    "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "child_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c71",
    "child": {
        "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c71", "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
        "given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05", "expected_on": null, "version": 1
    },
    "age_on_request": 2, "organisation_id": null, "organisation_name": null, "commune_code": "63300",
    "commune_name": "Riom", "epci_code": "200070753", "epci_name": "CA Riom Limagne et Volcans",
    "needs": ["find_childcare"],
    "need_domain": null, "disability_family": null, "recognition_status": "diagnosis_in_progress",
    "current_childcare": "none", "current_childcare_organisation_id": null,
    "current_childcare_organisation_name": null, "concerns_school_time": false,
    "description": "La famille cherche une place trois jours par semaine.",
    "family_agreements": [{"purpose": "support", "given_by": "parent", "given_on": "2026-03-02"}],
    "external_id": "formulaire-2041", "waiting_since": null, "decided_on": null, "reason": null,
    "redirected_to_id": null, "redirected_to_name": null, "case_id": null,
    "author": "client:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c64", "author_name": "Formulaire en ligne", "version": 1,
    "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct Referral {
    /// Identifier.
    pub id: Id,
    /// The service that receives the referral.
    pub service_id: Id,
    /// Current state.
    pub status: ReferralStatus,
    /// Actions allowed in the current state.
    pub available_actions: Vec<ReferralAction>,
    /// Eligibility rules that accepting the referral would break. Each override requires a reason.
    pub breached_rules: Vec<ReferralRule>,
    /// Subject: a child or a structure.
    pub subject: Subject,
    /// Who made the referral.
    pub origin: ReferralOrigin,
    /// Organisation that made the referral.
    pub origin_organisation_id: Option<Id>,
    /// Name of this organisation; null if the caller does not hold `organisations:read`.
    pub origin_organisation_name: Option<String>,
    /// How the request arrived.
    pub channel: ReferralChannel,
    /// When it arrived.
    pub received_on: NaiveDate,
    /// How urgent it is.
    pub urgency: Urgency,
    /// The household.
    pub household_id: Option<Id>,
    /// The child.
    pub child_id: Option<Id>,
    /// The child's identity. Absent if the caller does not hold `households:read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child: Option<Child>,
    /// Completed years on the date of the request; null for a structure or an erased child.
    pub age_on_request: Option<u32>,
    /// The structure that the referral is about.
    pub organisation_id: Option<Id>,
    /// Name of the structure; null if the caller does not hold `organisations:read`.
    pub organisation_name: Option<String>,
    /// INSEE code of the commune concerned.
    pub commune_code: CommuneCode,
    /// Name of the commune.
    pub commune_name: Option<&'static str>,
    /// SIREN of the EPCI of the commune; null if it is in none.
    pub epci_code: Option<EpciCode>,
    /// Name of the EPCI.
    pub epci_name: Option<&'static str>,
    /// Needs, the main one first.
    pub needs: Vec<ReferralNeed>,
    /// Domain of the child's main need, as a code.
    pub need_domain: Option<NeedDomain>,
    /// Family of disability, as a code.
    pub disability_family: Option<DisabilityFamily>,
    /// Status of the official recognition of the disability.
    pub recognition_status: Option<RecognitionStatus>,
    /// Current childcare.
    pub current_childcare: Option<ChildcareType>,
    /// Organisation of the current childcare.
    pub current_childcare_organisation_id: Option<Id>,
    /// Name of this organisation; null if the caller does not hold `organisations:read`.
    pub current_childcare_organisation_name: Option<String>,
    /// Whether the need is about school time.
    pub concerns_school_time: bool,
    /// Free text.
    #[schema(value_type = Option<String>)]
    pub description: Option<Secret<String>>,
    /// Agreements of the family.
    pub family_agreements: Vec<FamilyAgreement>,
    /// The caller's own identifier of the referral.
    pub external_id: Option<String>,
    /// Date on which it was put on the waiting list.
    pub waiting_since: Option<NaiveDate>,
    /// Date of the last decision.
    pub decided_on: Option<NaiveDate>,
    /// Reason of the last decision.
    pub reason: Option<ReferralReason>,
    /// The partner to which it was redirected.
    pub redirected_to_id: Option<Id>,
    /// Name of the partner; null if the caller does not hold `organisations:read`.
    pub redirected_to_name: Option<String>,
    /// The case that the acceptance opened or joined.
    pub case_id: Option<Id>,
    /// Who recorded it.
    pub author: String,
    /// Name of who recorded it; null for API clients.
    pub author_name: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
    /// In the response to an annulment only: the published releases that counted the child of its case. They do not change:
    /// prepare a release with corrected records.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<CountedIn>, required = false)]
    pub counted_in: Option<Vec<CountedIn>>,
    /// What was asked for with `expand`; absent without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ReferralExpansion, required = false)]
    pub expanded: Option<Box<ReferralExpansion>>,
}

crate::resource!(Referral at "/v1/referrals/");

/// A new referral, with its most likely duplicates.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordedReferral {
    /// The referral.
    pub referral: Referral,
    /// The most likely duplicates, at most ten, each with at most ten referrals. They block nothing: a person decides.
    #[schema(max_items = 10)]
    pub possible_duplicates: Vec<PossibleDuplicate>,
    /// Whether there are more: `GET /v1/referrals/{id}/duplicates` returns them all.
    #[schema(example = false)]
    pub more_duplicates: bool,
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
    /// The child that resembles the child of the referral. Absent for a structure, and for earlier referrals of the same
    /// child.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate: Option<Candidate>,
    /// Other referrals of the child or the structure, newest first.
    pub referral_ids: Vec<Id>,
}

/// The likely duplicates of a referral.
#[derive(Debug, Serialize, ToSchema)]
pub struct PossibleDuplicates {
    /// Likely duplicates, most likely first.
    pub data: Vec<PossibleDuplicate>,
}

crate::bulk! {
    /// The result for each referral of a bulk request.
    RecordedReferrals, RecordedReferralItem of RecordedReferral
}

crate::page! {
    /// A page of referrals.
    ReferralPage of Referral
}

/// The referrals before one in the waiting list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"more_urgent": 1, "waiting_longer": 1}))]
pub struct WaitingAhead {
    /// Number of more urgent ones.
    pub more_urgent: usize,
    /// Number of those of the same urgency that have waited longer, or as long and were recorded before.
    pub waiting_longer: usize,
}

/// A referral of the waiting list.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingReferral {
    /// Days since it was put on the list, today excluded.
    #[schema(example = 12)]
    pub days_waited: i64,
    /// Place in the whole list of the service, from 1, whatever the filters.
    #[schema(example = 3)]
    pub position: usize,
    /// Why it has this place: the referrals before it.
    pub ahead: WaitingAhead,
    /// The referral.
    pub referral: Referral,
}

crate::page! {
    /// A page of the waiting list.
    WaitingListPage of WaitingReferral
}

/// An event of the history of a referral.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "version": 2, "action": "accept", "from_status": "received", "to_status": "accepted", "reason": "within_scope",
    "overridden_rules": [{"rule": "out_of_territory", "reason": "La famille déménage en avril."}], "comment": null,
    "happened_on": "2026-03-05", "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63",
    "author_name": "La coordinatrice", "created_at": "2026-03-05T09:00:00.000000Z"
}))]
pub struct ReferralEvent {
    /// Version of the referral after the event. The recording is version 1.
    pub version: i32,
    /// An action, `record`, `record_agreement` or `correct`.
    #[schema(example = "accept")]
    pub action: String,
    /// State before the event; null for the recording.
    pub from_status: Option<ReferralStatus>,
    /// State after the event.
    pub to_status: ReferralStatus,
    /// Reason of the decision.
    pub reason: Option<ReferralReason>,
    /// Rules that were overridden, each with its reason.
    pub overridden_rules: Vec<RuleOverride>,
    /// Comment of the author.
    #[schema(value_type = Option<String>)]
    pub comment: Option<Secret<String>>,
    /// Date given by the author.
    pub happened_on: NaiveDate,
    /// Author.
    pub author: String,
    /// Name of the author; null for API clients.
    pub author_name: Option<String>,
    /// When it was recorded.
    pub created_at: UtcTs,
}

crate::page! {
    /// A page of the history of a referral, oldest first.
    ReferralEventPage of ReferralEvent
}

/// A rule that is overridden for this referral, with the reason.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"rule": "out_of_territory", "reason": "La famille déménage en avril."}))]
pub struct RuleOverride {
    /// The rule.
    pub rule: ReferralRule,
    /// Reason of the override: personal data, encrypted at rest.
    #[schema(format = "lines", pattern = r"\S", value_type = String, min_length = 3, max_length = 1000)]
    pub reason: Secret<String>,
}
