//! Cases in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::{CaseAction, CaseStatus, Subject};
use crate::db::{Id, UtcTs, text_enum};
use crate::nomenclatures::codes::{CaseOutcome, CaseStep};
use crate::territories::CommuneCode;

/// A case: the work of the service for a child or a structure.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "subject": "child", "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c71",
    "child_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c72", "organisation_id": null, "commune_code": "63113",
    "status": "open",
    "available_actions": ["record_step", "record_intervention", "record_placement", "plan_follow_up", "close"],
    "opened_on": "2026-03-02", "closed_on": null, "outcome": null,
    "latest_step": "childcare_search", "latest_step_on": "2026-03-20", "next_follow_up_on": "2026-04-15",
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
    /// The structure of the case, or the one named by the child's referral.
    pub organisation_id: Option<Id>,
    /// INSEE code of the commune of the household or the structure when the case was opened.
    pub commune_code: CommuneCode,
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
    /// The latest step reached; null if none is recorded.
    pub latest_step: Option<CaseStep>,
    /// Day on which the latest step was reached.
    pub latest_step_on: Option<NaiveDate>,
    /// Day of the next follow-up; null if none is planned.
    pub next_follow_up_on: Option<NaiveDate>,
    /// The accepted referrals that led to it, oldest first.
    pub referral_ids: Vec<Id>,
    /// Version of the row.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When the case or one of its records last changed.
    pub updated_at: UtcTs,
}

crate::versioned!(Case);

crate::page! {
    /// A page of cases.
    CasePage of Case
}

/// Filters on cases: all the given ones apply.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct CaseFilter {
    /// Only the cases of this service.
    pub(super) service_id: Option<Id>,
    /// Only the cases in this state.
    pub(super) status: Option<CaseStatus>,
    /// Subject: a child or a structure.
    pub(super) subject: Option<Subject>,
    /// Only the cases of this child.
    pub(super) child_id: Option<Id>,
    /// Only the cases of the children of this household.
    pub(super) household_id: Option<Id>,
    /// Only the cases of this structure.
    pub(super) organisation_id: Option<Id>,
    /// Only the cases in the commune with this INSEE code.
    pub(super) commune: Option<CommuneCode>,
    /// Opened on this day or later.
    pub(super) opened_from: Option<NaiveDate>,
    /// Opened on this day or earlier.
    pub(super) opened_to: Option<NaiveDate>,
    /// Only the open cases with a follow-up on this day or earlier. Give today's date to list what is due or overdue.
    pub(super) follow_up_before: Option<NaiveDate>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub(super) updated_since: Option<UtcTs>,
    /// Sort order. Default: most recently opened first.
    pub(super) sort: Option<CaseSort>,
}

text_enum! {
    /// Sort order of the list of cases.
    pub enum CaseSort {
        /// Most recently opened first.
        OpenedOnDesc = "-opened_on",
        /// Least recently opened first.
        OpenedOn = "opened_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// The next follow-up of a case.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"next_follow_up_on": "2026-04-15"}))]
pub struct FollowUp {
    /// Day of the next follow-up, today or later; null to plan none.
    #[schema(required = true)]
    pub next_follow_up_on: Option<NaiveDate>,
}

/// The closure of a case.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"outcome": "placement_maintained", "closed_on": "2026-09-30"}))]
pub struct CaseClosure {
    /// Outcome. `effective_placement` requires a placement that is current on the day of the closure. `subjects` in the
    /// code list says which outcomes a case about a structure can have.
    pub outcome: CaseOutcome,
    /// Day of the closure. Default: today. Not earlier than any record of the case.
    pub closed_on: Option<NaiveDate>,
}
