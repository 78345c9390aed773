//! The bodies of the actions in the contract.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::Override;
use crate::db::Id;
use crate::nomenclatures::codes::ReferralReason;
use crate::privacy::Secret;
use crate::referrals::model::ReferralAction;

/// Declares the body of an action: its own fields, then those that every one has.
macro_rules! bodies {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* })+) => {$(
        #[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
        #[serde(deny_unknown_fields)]
        $(#[$meta])*
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            /// What the author notes: personal data, sealed at rest.
            #[schema(value_type = Option<String>, min_length = 1, max_length = 4000)]
            pub comment: Option<Secret<String>>,
            /// When, today unless said.
            pub decided_on: Option<NaiveDate>,
        }
    )+};
}

bodies! {
    /// Enough is known to decide.
    #[derive(Default)]
    #[schema(example = json!({"comment": "Échange téléphonique avec la famille."}))]
    pub struct Qualification {}

    /// The pôle takes the referral on: the case opens on `decided_on`.
    #[derive(Default)]
    #[schema(example = json!({"decided_on": "2026-03-05"}))]
    pub struct Acceptance {
        /// Why, `within_scope` unless said.
        pub reason: Option<ReferralReason>,
        /// The rules that are set aside, each with its reason.
        #[serde(default)]
        #[schema(max_items = 4)]
        pub overrides: Vec<Override>,
    }

    /// The pôle accepts in principle and cannot start yet: days waited count from `decided_on`.
    #[derive(Default)]
    #[schema(example = json!({"comment": "Plus de disponibilité avant avril."}))]
    pub struct WaitingListEntry {
        /// Why, `capacity` unless said.
        pub reason: Option<ReferralReason>,
        /// The rules that are set aside, each with its reason.
        #[serde(default)]
        #[schema(max_items = 4)]
        pub overrides: Vec<Override>,
    }

    /// The pôle refuses.
    #[schema(example = json!({"reason": "school_time_not_covered"}))]
    pub struct Refusal {
        /// Why.
        pub reason: ReferralReason,
    }

    /// The pôle hands the referral to a partner.
    #[schema(example = json!({"organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c90"}))]
    pub struct Redirection {
        /// The partner, in the service's directory.
        pub organisation_id: Id,
        /// Why, `referred_elsewhere` unless said.
        pub reason: Option<ReferralReason>,
        /// The rules that are set aside, each with its reason.
        #[serde(default)]
        #[schema(max_items = 4)]
        pub overrides: Vec<Override>,
    }

    /// Whoever asked no longer asks.
    #[derive(Default)]
    #[schema(example = json!({"reason": "withdrawn_by_family"}))]
    pub struct Withdrawal {
        /// Why, `withdrawn_by_family` unless said.
        pub reason: Option<ReferralReason>,
    }

    /// The referral is taken up again.
    #[derive(Default)]
    #[schema(example = json!({"comment": "La famille a rappelé."}))]
    pub struct Reopening {}
}

/// What the seven actions have in common: each body becomes one.
#[derive(Clone, Debug)]
pub struct Decision {
    pub(in crate::referrals) action: ReferralAction,
    pub(in crate::referrals) reason: Option<ReferralReason>,
    pub(in crate::referrals) comment: Option<Secret<String>>,
    pub(in crate::referrals) decided_on: Option<NaiveDate>,
    pub(in crate::referrals) overrides: Vec<Override>,
    pub(in crate::referrals) organisation_id: Option<Id>,
}

impl Decision {
    fn new(action: ReferralAction, comment: Option<Secret<String>>, decided_on: Option<NaiveDate>) -> Self {
        Self { action, reason: None, comment, decided_on, overrides: Vec::new(), organisation_id: None }
    }

    fn because(mut self, reason: Option<ReferralReason>, unless_said: &str) -> Self {
        self.reason = reason.or_else(|| unless_said.parse().ok());
        self
    }

    fn setting_aside(mut self, overrides: Vec<Override>) -> Self {
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
            .because(body.reason, "within_scope")
            .setting_aside(body.overrides)
    }
}

impl From<WaitingListEntry> for Decision {
    fn from(body: WaitingListEntry) -> Self {
        Self::new(ReferralAction::PutOnWaitingList, body.comment, body.decided_on)
            .because(body.reason, "capacity")
            .setting_aside(body.overrides)
    }
}

impl From<Refusal> for Decision {
    fn from(body: Refusal) -> Self {
        Self::new(ReferralAction::Decline, body.comment, body.decided_on).because(Some(body.reason), "other")
    }
}

impl From<Redirection> for Decision {
    fn from(body: Redirection) -> Self {
        let decision = Self::new(ReferralAction::Redirect, body.comment, body.decided_on)
            .because(body.reason, "referred_elsewhere")
            .setting_aside(body.overrides);
        Self { organisation_id: Some(body.organisation_id), ..decision }
    }
}

impl From<Withdrawal> for Decision {
    fn from(body: Withdrawal) -> Self {
        Self::new(ReferralAction::Withdraw, body.comment, body.decided_on).because(body.reason, "withdrawn_by_family")
    }
}

impl From<Reopening> for Decision {
    fn from(body: Reopening) -> Self {
        Self::new(ReferralAction::Reopen, body.comment, body.decided_on)
    }
}
