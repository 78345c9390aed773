//! The filters of the list of cases.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::expansion::CaseExpand;
use crate::cases::model::{CasePriority, CaseStatus, Subject};
use crate::db::{Id, UtcTs, text_enum};
use crate::nomenclatures::codes::{CaseOutcome, CaseStep, ComplexityFlag, ReferralNeed};
use crate::territories::{CommuneCode, EpciCode, communes_within};

/// Filters on cases: all the given ones apply.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct CaseFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub(in crate::cases) id: Option<Vec<Id>>,
    /// Only the cases of this service.
    pub(in crate::cases) service_id: Option<Id>,
    /// Only the cases in this state.
    pub(in crate::cases) status: Option<CaseStatus>,
    /// Subject: a child or a structure.
    pub(in crate::cases) subject: Option<Subject>,
    /// Only the cases of this child.
    pub(in crate::cases) child_id: Option<Id>,
    /// Only the cases of the children of this household.
    pub(in crate::cases) household_id: Option<Id>,
    /// Only the cases of this structure.
    pub(in crate::cases) organisation_id: Option<Id>,
    /// Only the cases in the commune with this INSEE code.
    pub(in crate::cases) commune: Option<CommuneCode>,
    /// Only the cases in the communes of the EPCI with this SIREN.
    pub(in crate::cases) epci: Option<EpciCode>,
    /// Latest steps, separated by commas. The closure of a case that has been reopened does not count.
    #[param(explode = false, style = Form, example = json!(["childcare_search"]))]
    pub(in crate::cases) step: Option<Vec<CaseStep>>,
    /// Outcomes, separated by commas.
    #[param(explode = false, style = Form, example = json!(["effective_placement"]))]
    pub(in crate::cases) outcome: Option<Vec<CaseOutcome>>,
    /// Needs, separated by commas: only the cases of which a referral has at least one of them.
    #[param(explode = false, style = Form, example = json!(["find_childcare"]))]
    pub(in crate::cases) need: Option<Vec<ReferralNeed>>,
    /// Only the cases of which this user is the référent now.
    pub(in crate::cases) referent_id: Option<Id>,
    /// `true`: only the cases of which the caller is the référent or a member of the team now; none for an API client.
    /// `false`: only the others.
    #[param(example = true)]
    pub(in crate::cases) mine: Option<bool>,
    /// `true`: only the cases that have a référent now. `false`: only the others.
    #[param(example = true)]
    pub(in crate::cases) has_referent: Option<bool>,
    /// `true`: only the open cases whose référent is away today, in the time zone of their service: see `/v1/absences`. With
    /// `sort=next_follow_up`, what is due first. `false`: only the others.
    #[param(example = true)]
    pub(in crate::cases) referent_absent: Option<bool>,
    /// `true`: only the open cases whose référent has a disabled user account: they are to be handed over. `false`: only the
    /// others.
    #[param(example = true)]
    pub(in crate::cases) referent_disabled: Option<bool>,
    /// Opened on this day or later.
    pub(in crate::cases) opened_from: Option<NaiveDate>,
    /// Opened on this day or earlier.
    pub(in crate::cases) opened_to: Option<NaiveDate>,
    /// Only the closed cases, closed on this day or later.
    pub(in crate::cases) closed_from: Option<NaiveDate>,
    /// Only the closed cases, closed on this day or earlier.
    pub(in crate::cases) closed_to: Option<NaiveDate>,
    /// Only the open cases with a follow-up on this day or earlier. Give today's date to list what is due or overdue.
    pub(in crate::cases) follow_up_before: Option<NaiveDate>,
    /// `true`: only the open cases whose next follow-up is before today, in the time zone of their service. `false`: only
    /// the others.
    #[param(example = true)]
    pub(in crate::cases) overdue: Option<bool>,
    /// `true`: only the open cases without a next follow-up that are not suspended. `false`: only the open cases with one.
    #[param(example = true)]
    pub(in crate::cases) nothing_planned: Option<bool>,
    /// Priorities, separated by commas.
    #[param(explode = false, style = Form, example = json!(["high"]))]
    pub(in crate::cases) priority: Option<Vec<CasePriority>>,
    /// `true`: only the cases whose situation is flagged as complex. `false`: only the others.
    #[param(example = true)]
    pub(in crate::cases) complex: Option<bool>,
    /// Grounds, separated by commas: only the cases whose situation is flagged as complex for at least one of them.
    #[param(explode = false, style = Form, example = json!(["several_partners"]))]
    pub(in crate::cases) complexity_ground: Option<Vec<ComplexityFlag>>,
    /// `true`: only the open cases that are suspended. `false`: only the others.
    #[param(example = true)]
    pub(in crate::cases) suspended: Option<bool>,
    /// Only the cases without an intervention on this day or later. With `status=open`: those that nobody has worked on
    /// since.
    pub(in crate::cases) no_intervention_since: Option<NaiveDate>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub(in crate::cases) updated_since: Option<UtcTs>,
    /// Sort order. Default: most recently opened first.
    pub(in crate::cases) sort: Option<CaseSort>,
    /// What to add to each case, in `expanded`: its household, contacts, organisation or referrals.
    #[param(style = Form, explode = false, min_items = 1, max_items = 4, example = json!(["household", "referrals"]))]
    pub(in crate::cases) expand: Option<Vec<CaseExpand>>,
}

impl CaseFilter {
    /// The communes that match both the commune and the EPCI; `None` if neither is given.
    pub(in crate::cases) fn communes(&self) -> Option<Vec<String>> {
        communes_within(self.commune.as_ref(), self.epci.as_ref())
    }
}

text_enum! {
    /// Sort order of the list of cases.
    pub enum CaseSort {
        /// Most recently opened first.
        OpenedOnDesc = "-opened_on",
        /// Least recently opened first.
        OpenedOn = "opened_on",
        /// Earliest next follow-up first, then the cases without one.
        NextFollowUp = "next_follow_up",
        /// The cases without a next follow-up, then latest next follow-up first.
        NextFollowUpDesc = "-next_follow_up",
        /// Highest priority first.
        PriorityDesc = "-priority",
        /// Lowest priority first.
        Priority = "priority",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}
