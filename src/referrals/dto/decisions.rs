//! Referrals in the contract: request bodies of the actions.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::RuleOverride;
use crate::db::Id;
use crate::nomenclatures::codes::ReferralReason;
use crate::privacy::Secret;
use crate::referrals::model::ReferralAction;

/// Declares the body of each action: its own fields, then the fields common to all actions.
macro_rules! bodies {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* })+) => {$(
        #[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
        #[serde(deny_unknown_fields)]
        $(#[$meta])*
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            /// Comment of the author: personal data, encrypted at rest.
            #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
            pub comment: Option<Secret<String>>,
            /// Date of the decision. Default: today.
            pub decided_on: Option<NaiveDate>,
        }
    )+};
}

bodies! {
    /// Confirms that enough is known to decide.
    #[derive(Default)]
    #[schema(example = json!({"comment": "Échange téléphonique avec la famille."}))]
    pub struct Qualification {}

    /// Accepts the referral. The case opens on `decided_on`.
    #[derive(Default)]
    #[schema(example = json!({"decided_on": "2026-03-05"}))]
    pub struct Acceptance {
        /// Reason. Default: `within_scope`.
        pub reason: Option<ReferralReason>,
        /// Rules to override, each with a reason.
        #[serde(default)]
        #[schema(max_items = 5)]
        pub overrides: Vec<RuleOverride>,
    }

    /// Accepts the referral in principle, without starting yet. Waiting days count from `decided_on`.
    #[derive(Default)]
    #[schema(example = json!({"comment": "Plus de disponibilité avant avril."}))]
    pub struct WaitingListEntry {
        /// Reason. Default: `capacity`.
        pub reason: Option<ReferralReason>,
        /// Rules to override, each with a reason.
        #[serde(default)]
        #[schema(max_items = 5)]
        pub overrides: Vec<RuleOverride>,
    }

    /// Declines the referral.
    #[schema(example = json!({"reason": "school_time_not_covered"}))]
    pub struct Refusal {
        /// Reason.
        pub reason: ReferralReason,
    }

    /// Redirects the referral to a partner.
    #[schema(example = json!({"organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c90"}))]
    pub struct Redirection {
        /// The partner, in the service's directory.
        pub organisation_id: Id,
        /// Reason. Default: `referred_elsewhere`.
        pub reason: Option<ReferralReason>,
        /// Rules to override, each with a reason.
        #[serde(default)]
        #[schema(max_items = 5)]
        pub overrides: Vec<RuleOverride>,
    }

    /// Records that the request is withdrawn.
    #[derive(Default)]
    #[schema(example = json!({"reason": "withdrawn_by_family"}))]
    pub struct Withdrawal {
        /// Reason. Default: `withdrawn_by_family`.
        pub reason: Option<ReferralReason>,
    }

    /// Annuls the referral: it was recorded or accepted by mistake.
    #[derive(Default)]
    #[schema(example = json!({"reason": "entered_by_mistake"}))]
    pub struct Annulment {
        /// Reason: `entered_by_mistake`, which is the default, `duplicate` or `already_followed`.
        pub reason: Option<ReferralReason>,
    }

    /// Reopens the referral.
    #[derive(Default)]
    #[schema(example = json!({"comment": "La famille a rappelé."}))]
    pub struct Reopening {}
}

/// A decision: the common form of the bodies of the seven actions.
#[derive(Clone, Debug)]
pub struct Decision {
    pub(in crate::referrals) action: ReferralAction,
    pub(in crate::referrals) reason: Option<ReferralReason>,
    pub(in crate::referrals) comment: Option<Secret<String>>,
    pub(in crate::referrals) decided_on: Option<NaiveDate>,
    pub(in crate::referrals) overrides: Vec<RuleOverride>,
    pub(in crate::referrals) organisation_id: Option<Id>,
}

impl Decision {
    fn new(action: ReferralAction, comment: Option<Secret<String>>, decided_on: Option<NaiveDate>) -> Self {
        Self { action, reason: None, comment, decided_on, overrides: Vec::new(), organisation_id: None }
    }

    fn with_reason(mut self, reason: Option<ReferralReason>, default: &str) -> Self {
        self.reason = reason.or_else(|| default.parse().ok());
        self
    }

    fn with_overrides(mut self, overrides: Vec<RuleOverride>) -> Self {
        self.overrides = overrides;
        self
    }
}

impl From<Qualification> for Decision {
    fn from(body: Qualification) -> Self {
        Self::new(ReferralAction::Qualify, body.comment, body.decided_on)
    }
}

impl From<Acceptance> for Decision {
    fn from(body: Acceptance) -> Self {
        Self::new(ReferralAction::Accept, body.comment, body.decided_on)
            .with_reason(body.reason, "within_scope")
            .with_overrides(body.overrides)
    }
}

impl From<WaitingListEntry> for Decision {
    fn from(body: WaitingListEntry) -> Self {
        Self::new(ReferralAction::PutOnWaitingList, body.comment, body.decided_on)
            .with_reason(body.reason, "capacity")
            .with_overrides(body.overrides)
    }
}

impl From<Refusal> for Decision {
    fn from(body: Refusal) -> Self {
        Self::new(ReferralAction::Decline, body.comment, body.decided_on).with_reason(Some(body.reason), "other")
    }
}

impl From<Redirection> for Decision {
    fn from(body: Redirection) -> Self {
        let decision = Self::new(ReferralAction::Redirect, body.comment, body.decided_on)
            .with_reason(body.reason, "referred_elsewhere")
            .with_overrides(body.overrides);
        Self { organisation_id: Some(body.organisation_id), ..decision }
    }
}

impl From<Withdrawal> for Decision {
    fn from(body: Withdrawal) -> Self {
        Self::new(ReferralAction::Withdraw, body.comment, body.decided_on)
            .with_reason(body.reason, "withdrawn_by_family")
    }
}

impl From<Reopening> for Decision {
    fn from(body: Reopening) -> Self {
        Self::new(ReferralAction::Reopen, body.comment, body.decided_on)
    }
}
