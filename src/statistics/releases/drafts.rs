//! The drafts of a build: its releases before they are numbered, dated and signed.

use serde::{Deserialize, Serialize};

use super::dto::StatisticsUtility;
use super::model::TierCode;
use crate::db::Id;
use crate::statistics::settings::ops::Policy;
use passerelle_disclosure::document::Release;
use passerelle_disclosure::making::Utility;
use passerelle_disclosure::population::Domain;

/// The releases of a build, without what signing adds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Drafts {
    pub(super) open: Draft,
    pub(super) partner: Draft,
    /// The dimensions that they were made with.
    pub(super) domains: Vec<Domain>,
    /// The facts that the protection took into account.
    pub(super) facts: Vec<Id>,
    /// The fingerprint of the corrected records that they were made from, if any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) fingerprint: Option<String>,
}

/// The release of a tier, without what signing adds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) release: Release,
    pub(super) utility: Vec<Utility>,
}

impl Drafts {
    /// The drafts stored with a build, as JSON.
    pub(super) fn read(result: &str) -> Option<Self> {
        serde_json::from_str(result).ok()
    }

    /// Whether they follow the current settings of the service.
    pub(super) fn follow(&self, policy: &Policy) -> bool {
        let same = |release: &Release, threshold: i32| {
            u64::try_from(threshold) == Ok(release.policy.threshold)
                && release.policy.reason == policy.reason
                && release.spec.sha256 == policy.spec_sha256
        };
        same(&self.open.release, policy.open_threshold) && same(&self.partner.release, policy.partner_threshold)
    }

    /// What each tier publishes and hides.
    pub(super) fn utility(self) -> Vec<StatisticsUtility> {
        let of =
            |tier, draft: Draft| draft.utility.into_iter().map(move |utility| StatisticsUtility::of(tier, utility));
        of(TierCode::Open, self.open).chain(of(TierCode::Partner, self.partner)).collect()
    }

    /// The draft of a tier.
    pub(super) fn into_tier(self, tier: TierCode) -> Release {
        match tier {
            TierCode::Open => self.open.release,
            TierCode::Partner => self.partner.release,
        }
    }
}
