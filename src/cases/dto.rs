//! Cases in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::{CaseAction, CaseStatus, Subject};
use super::store::CaseRow;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::nomenclatures::codes::{CaseOutcome, CaseStep};
use crate::territories::CommuneCode;

/// A case: a child, or a structure, that the pôle accompanies.
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
    /// Whom it is about.
    pub subject: Subject,
    /// The household; null for a structure.
    #[schema(required = true)]
    pub household_id: Option<Id>,
    /// The child; null for a structure.
    #[schema(required = true)]
    pub child_id: Option<Id>,
    /// The structure, or the one that a child's referral names.
    #[schema(required = true)]
    pub organisation_id: Option<Id>,
    /// Commune of the household or of the structure when the case was opened.
    pub commune_code: CommuneCode,
    /// Where it stands.
    pub status: CaseStatus,
    /// What can be done with it now.
    pub available_actions: Vec<CaseAction>,
    /// First day.
    pub opened_on: NaiveDate,
    /// Last day; null while it is open.
    #[schema(required = true)]
    pub closed_on: Option<NaiveDate>,
    /// How it ended; null while it is open.
    #[schema(required = true)]
    pub outcome: Option<CaseOutcome>,
    /// The latest step reached; null when none is recorded.
    #[schema(required = true)]
    pub latest_step: Option<CaseStep>,
    /// The day the latest step was reached.
    #[schema(required = true)]
    pub latest_step_on: Option<NaiveDate>,
    /// The day it is looked at next; null when none is planned.
    #[schema(required = true)]
    pub next_follow_up_on: Option<NaiveDate>,
    /// The accepted referrals that led to it, oldest first.
    pub referral_ids: Vec<Id>,
    /// Version of the row.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it, or what it records, last changed.
    pub updated_at: UtcTs,
}

crate::versioned!(Case);

impl Case {
    pub(super) fn new(row: CaseRow, referral_ids: Vec<Id>, latest: Option<(CaseStep, NaiveDate)>) -> Self {
        let (latest_step, latest_step_on) = latest.unzip();
        Self {
            id: row.id,
            service_id: row.service_id,
            subject: row.subject,
            household_id: row.household_id,
            child_id: row.child_id,
            organisation_id: row.organisation_id,
            commune_code: row.commune_code,
            status: row.status,
            available_actions: row.status.available_actions(row.subject),
            opened_on: row.opened_on,
            closed_on: row.closed_on,
            outcome: row.outcome,
            latest_step,
            latest_step_on,
            next_follow_up_on: row.next_follow_up_on,
            referral_ids,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::page! {
    /// A page of cases.
    CasePage of Case
}

/// Which cases.
#[derive(Debug, Deserialize, IntoParams)]
pub struct CaseFilter {
    /// Of this service.
    pub(super) service_id: Option<Id>,
    /// In this state.
    pub(super) status: Option<CaseStatus>,
    /// About a child, or about a structure.
    pub(super) subject: Option<Subject>,
    /// Of this child.
    pub(super) child_id: Option<Id>,
    /// Of the children of this household.
    pub(super) household_id: Option<Id>,
    /// Of this structure.
    pub(super) organisation_id: Option<Id>,
    /// In the commune of this INSEE code.
    pub(super) commune: Option<CommuneCode>,
    /// Opened on this day or later.
    pub(super) opened_from: Option<NaiveDate>,
    /// Opened on this day or earlier.
    pub(super) opened_to: Option<NaiveDate>,
    /// Open, and to be looked at on this day or earlier: give today's date for what is due or overdue.
    pub(super) follow_up_before: Option<NaiveDate>,
    /// Changed at this instant or later. A change is seen once it is committed, which is a little after its instant: to miss
    /// none, ask again from a minute earlier.
    pub(super) updated_since: Option<UtcTs>,
    /// Order, the latest opened first unless said.
    pub(super) sort: Option<CaseSort>,
}

text_enum! {
    /// Order of the list of cases.
    pub enum CaseSort {
        /// The latest opened first.
        OpenedOnDesc = "-opened_on",
        /// The first opened first.
        OpenedOn = "opened_on",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
    }
}

impl QueryParams for CaseFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<CaseStatus>();
        description.reference::<Subject>();
        description.reference::<CommuneCode>();
        description.reference::<UtcTs>();
        description.reference::<CaseSort>();
    }
}

/// The next follow-up of a case.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"next_follow_up_on": "2026-04-15"}))]
pub struct FollowUp {
    /// The day it is looked at next, today or later; null: none is planned.
    #[schema(required = true)]
    pub next_follow_up_on: Option<NaiveDate>,
}

/// The end of a case.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"outcome": "placement_maintained", "closed_on": "2026-09-30"}))]
pub struct CaseClosure {
    /// How it ended. `effective_placement` needs a recorded placement.
    pub outcome: CaseOutcome,
    /// Last day, today when absent; not before what the case records.
    pub closed_on: Option<NaiveDate>,
}
