//! Cases in the contract.

pub mod expansion;
pub mod filter;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use self::expansion::CaseExpansion;
use super::corrections::dto::CountedIn;
use super::model::{CaseAction, CasePriority, CaseStatus, Subject};
use crate::db::{Id, UtcTs};
use crate::households::dto::Child;
use crate::nomenclatures::codes::{CaseOutcome, CaseStep, CaseSuspensionReason, ComplexityFlag, ReferralNeed};
use crate::territories::{CommuneCode, EpciCode};

/// A case: the work of the service for a child or a structure.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "subject": "child", "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c71",
    "child_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c72",
    "child": {
        "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c72", "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c71",
        "given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05", "expected_on": null, "version": 1
    },
    "organisation_id": null, "organisation_name": null, "commune_code": "63113", "commune_name": "Clermont-Ferrand",
    "epci_code": "246300701", "epci_name": "Clermont Auvergne Métropole", "needs": ["find_childcare"],
    "referent_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "referent_name": "La coordinatrice",
    "referent_disabled": false, "referent_since": "2026-03-02",
    "status": "open",
    "available_actions": ["record_step", "record_intervention", "record_placement", "set_goal", "record_procedure", "flag_complexity", "set_priority", "plan_follow_up", "suspend", "close"],
    "opened_on": "2026-03-02", "closed_on": null, "outcome": null, "outcome_label": null,
    "latest_step": "childcare_search", "latest_step_label": "Recherche d'un mode d'accueil",
    "latest_step_on": "2026-03-20", "last_intervention_on": "2026-03-12", "next_follow_up_on": "2026-04-15",
    "priority": "normal", "complex_since": null, "complexity_grounds": [],
    "suspended_since": null, "suspension_reason": null, "suspension_reason_label": null, "resumes_on": null,
    "referral_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c73"], "version": 4,
    "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-20T14:02:00.000000Z"
}))]
pub struct Case {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// Subject: a child or a structure.
    pub subject: Subject,
    /// The household; null for a structure.
    pub household_id: Option<Id>,
    /// The child; null for a structure.
    pub child_id: Option<Id>,
    /// The child's identity. Absent for a structure, and if the caller does not hold `households:read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child: Option<Child>,
    /// The structure of the case, or the one named by the child's referral.
    pub organisation_id: Option<Id>,
    /// Name of the structure; null if the caller does not hold `organisations:read`.
    pub organisation_name: Option<String>,
    /// INSEE code of the commune of the household or the structure when the case was opened.
    pub commune_code: CommuneCode,
    /// Name of the commune.
    pub commune_name: Option<&'static str>,
    /// SIREN of the EPCI of the commune; null if it is in none.
    pub epci_code: Option<EpciCode>,
    /// Name of the EPCI.
    pub epci_name: Option<&'static str>,
    /// Needs of its referrals, those of the first referral first.
    pub needs: Vec<ReferralNeed>,
    /// The user account of the référent de parcours; null if there is none.
    pub referent_id: Option<Id>,
    /// Name of the référent; null for API clients.
    pub referent_name: Option<String>,
    /// Whether the user account of the référent is disabled: the case is to be handed over.
    pub referent_disabled: bool,
    /// Day since which the référent is in charge.
    pub referent_since: Option<NaiveDate>,
    /// Current state.
    pub status: CaseStatus,
    /// Actions allowed in the current state.
    pub available_actions: Vec<CaseAction>,
    /// Day of the opening.
    pub opened_on: NaiveDate,
    /// Day of the closure; null while it is open.
    pub closed_on: Option<NaiveDate>,
    /// Outcome; null while it is open.
    pub outcome: Option<CaseOutcome>,
    /// Label of the outcome, in the language of the response.
    pub outcome_label: Option<&'static str>,
    /// The latest step reached; null if none is recorded.
    pub latest_step: Option<CaseStep>,
    /// Label of the latest step, in the language of the response.
    pub latest_step_label: Option<&'static str>,
    /// Day on which the latest step was reached.
    pub latest_step_on: Option<NaiveDate>,
    /// Day of the latest intervention; null if none is recorded.
    pub last_intervention_on: Option<NaiveDate>,
    /// Day of the next follow-up; null if none is planned.
    pub next_follow_up_on: Option<NaiveDate>,
    /// Priority, as the team sees it.
    pub priority: CasePriority,
    /// Day since which the situation is flagged as complex; null if it is not.
    pub complex_since: Option<NaiveDate>,
    /// Why the situation is complex, in the order of the codes; empty if it is not flagged.
    pub complexity_grounds: Vec<ComplexityFlag>,
    /// First day of the current suspension; null if the case is not suspended. A suspended case is open.
    pub suspended_since: Option<NaiveDate>,
    /// Reason of the suspension.
    pub suspension_reason: Option<CaseSuspensionReason>,
    /// Label of the reason, in the language of the response.
    pub suspension_reason_label: Option<&'static str>,
    /// Day on which the resumption is planned; null if it is not known.
    pub resumes_on: Option<NaiveDate>,
    /// The accepted referrals that led to it, oldest first.
    pub referral_ids: Vec<Id>,
    /// Version of the row.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When the case or one of its records last changed.
    pub updated_at: UtcTs,
    /// In the response to a correction only: the published releases that counted the child. They do not change: prepare a
    /// release with corrected records.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<CountedIn>, required = false)]
    pub counted_in: Option<Vec<CountedIn>>,
    /// What was asked for with `expand`; absent without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = CaseExpansion, required = false)]
    pub expanded: Option<Box<CaseExpansion>>,
}

crate::versioned!(Case);

/// Changes to a case. A merge patch (RFC 7396): an absent field keeps its value. The result must meet the rules of an
/// opening and of a closure.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"opened_on": "2026-03-04", "commune_code": "63300"}))]
pub struct CasePatch {
    /// Day of the opening: not in the future, not before its first referral arrived, not after its first step,
    /// effective placement or goal, nor after somebody joined or left the team. Who is in the team since the opening follows.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub opened_on: Option<NaiveDate>,
    /// Day of the closure of a closed case: not in the future, not before any record of the case.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub closed_on: Option<NaiveDate>,
    /// Outcome of a closed case. `effective_placement` requires a placement that is current on the day of the closure.
    #[serde(default)]
    #[schema(value_type = CaseOutcome, required = false)]
    pub outcome: Option<CaseOutcome>,
    /// INSEE code of the commune of the household or the structure when the case was opened, in the territory of the service.
    #[serde(default)]
    #[schema(value_type = CommuneCode, required = false)]
    pub commune_code: Option<CommuneCode>,
}

crate::page! {
    /// A page of cases.
    CasePage of Case
}

/// The next follow-up of a case.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"next_follow_up_on": "2026-04-15"}))]
pub struct FollowUp {
    /// Day of the next follow-up, today or later and at most ten years ahead; null to plan none.
    #[schema(required = true)]
    pub next_follow_up_on: Option<NaiveDate>,
}

/// The priority of a case.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"priority": "high"}))]
pub struct CasePrioritySetting {
    /// Priority.
    pub priority: CasePriority,
}

/// The closure of a case.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"outcome": "placement_maintained", "closed_on": "2026-09-30"}))]
pub struct CaseClosure {
    /// Outcome. `effective_placement` requires a placement that started during the case and is current on the day of the
    /// closure. `subjects` in the code list says which outcomes a case about a structure can have.
    pub outcome: CaseOutcome,
    /// Day of the closure. Default: today. Not earlier than any record of the case.
    pub closed_on: Option<NaiveDate>,
}
