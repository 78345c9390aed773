//! The filters of the list of referrals.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::expansion::ReferralExpand;
use crate::cases::model::Subject;
use crate::db::{Id, UtcTs, text_enum};
use crate::nomenclatures::codes::{ReferralChannel, ReferralNeed, ReferralOrigin, ReferralOriginGroup};
use crate::nomenclatures::{self, list};
use crate::referrals::model::{ReferralStatus, Urgency};
use crate::territories::{CommuneCode, DepartementCode, EpciCode, communes_within};

text_enum! {
    /// Sort order of the list of referrals.
    pub enum ReferralSort {
        /// Newest first.
        ReceivedOnDesc = "-received_on",
        /// Oldest first.
        ReceivedOn = "received_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters on referrals: all the given ones apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct ReferralFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Only this service. When absent: every service that the caller can access.
    pub service_id: Option<Id>,
    /// One or more statuses, comma-separated. Default: all but `annulled`; with `updated_since`, all.
    #[param(explode = false, style = Form, example = json!(["received", "qualified"]))]
    pub status: Option<Vec<ReferralStatus>>,
    /// Subject: a child or a structure.
    pub subject: Option<Subject>,
    /// Origins, separated by commas.
    #[param(explode = false, style = Form, example = json!(["pmi", "hospital"]))]
    pub origin: Option<Vec<ReferralOrigin>>,
    /// Group of origins.
    pub origin_group: Option<ReferralOriginGroup>,
    /// How the request arrived.
    pub channel: Option<ReferralChannel>,
    /// Urgencies, separated by commas.
    #[param(explode = false, style = Form, example = json!(["urgent"]))]
    pub urgency: Option<Vec<Urgency>>,
    /// Needs, separated by commas: only the referrals with at least one of them.
    #[param(explode = false, style = Form, example = json!(["find_childcare"]))]
    pub need: Option<Vec<ReferralNeed>>,
    /// INSEE code of the commune.
    pub commune: Option<CommuneCode>,
    /// SIREN of the EPCI.
    pub epci: Option<EpciCode>,
    /// INSEE code of the département.
    pub departement: Option<DepartementCode>,
    /// Received on this day or later.
    pub received_from: Option<NaiveDate>,
    /// Received on this day or earlier.
    pub received_to: Option<NaiveDate>,
    /// Only the referrals about this child.
    pub child_id: Option<Id>,
    /// Only the referrals about a child of this household.
    pub household_id: Option<Id>,
    /// Only the referrals about this structure.
    pub organisation_id: Option<Id>,
    /// Only the referrals accepted into this case.
    pub case_id: Option<Id>,
    /// The caller's own identifier of the referral. Annulled referrals do not match: theirs is free again.
    #[param(min_length = 1, max_length = 100)]
    pub external_id: Option<String>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: newest first.
    pub sort: Option<ReferralSort>,
    /// What to add to each referral, in `expanded`: its case, household, contacts or organisation.
    #[param(style = Form, explode = false, min_items = 1, max_items = 4, example = json!(["case", "contacts"]))]
    pub expand: Option<Vec<ReferralExpand>>,
}

impl ReferralFilter {
    /// The origins that match both the list and the group; `None` if neither is given.
    pub(in crate::referrals) fn origins(&self) -> Option<Vec<ReferralOrigin>> {
        let Some(group) = &self.origin_group else { return self.origin.clone() };
        let codes = list(ReferralOrigin::LIST).map(nomenclatures::CodeList::codes).unwrap_or_default();
        let of_group = codes.iter().filter(|code| code.text("group") == Some(group.as_str()));
        let of_group = of_group.filter_map(|code| code.code.parse::<ReferralOrigin>().ok());
        Some(of_group.filter(|code| self.origin.as_ref().is_none_or(|requested| requested.contains(code))).collect())
    }

    /// The communes that match both the commune and the EPCI; `None` if neither is given.
    pub(in crate::referrals) fn communes(&self) -> Option<Vec<String>> {
        communes_within(self.commune.as_ref(), self.epci.as_ref())
    }

    /// The sort order: newest first by default.
    pub(in crate::referrals) fn order(&self) -> ReferralSort {
        self.sort.unwrap_or(ReferralSort::ReceivedOnDesc)
    }
}

/// Filters on the waiting list: all the given ones apply. Positions are those of the whole list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct WaitingListFilter {
    /// Urgencies, separated by commas.
    #[param(explode = false, style = Form, example = json!(["urgent"]))]
    pub urgency: Option<Vec<Urgency>>,
    /// Needs, separated by commas: only the referrals with at least one of them.
    #[param(explode = false, style = Form, example = json!(["find_childcare"]))]
    pub need: Option<Vec<ReferralNeed>>,
    /// INSEE code of the commune.
    pub commune: Option<CommuneCode>,
    /// SIREN of the EPCI.
    pub epci: Option<EpciCode>,
}
