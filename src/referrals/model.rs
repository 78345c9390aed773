//! The life of a referral: states, actions, the one table of transitions.

use crate::db::text_enum;

text_enum! {
    /// Where a referral stands.
    pub enum ReferralStatus {
        /// Arrived, not looked at yet.
        Received = "received",
        /// Understood: enough is known to decide.
        Qualified = "qualified",
        /// Accepted in principle, not started.
        WaitingList = "waiting_list",
        /// Taken on: a case is open.
        Accepted = "accepted",
        /// Refused, with a reason.
        Declined = "declined",
        /// Handed to a partner.
        Redirected = "redirected",
        /// Taken back by whoever asked.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// What can be done with a referral.
    pub enum ReferralAction {
        /// Say that enough is known to decide.
        Qualify = "qualify",
        /// Take it on: opens a case, or joins the child's open one.
        Accept = "accept",
        /// Accept it in principle and let it wait.
        PutOnWaitingList = "put_on_waiting_list",
        /// Refuse it.
        Decline = "decline",
        /// Hand it to a partner.
        Redirect = "redirect",
        /// Record that whoever asked no longer asks.
        Withdraw = "withdraw",
        /// Take up again what was refused, handed over or withdrawn.
        Reopen = "reopen",
    }
}

text_enum! {
    /// How pressing it is. The order of the texts is the order of the waiting list: see the test.
    pub enum Urgency {
        /// No particular haste.
        Normal = "normal",
        /// Before the others.
        Priority = "priority",
        /// At once: a place is about to be lost.
        Urgent = "urgent",
    }
}

text_enum! {
    /// What the family agreed to.
    pub enum AgreementPurpose {
        /// Being accompanied by the pôle.
        Support = "support",
        /// The pôle contacting a partner about the child.
        PartnerContact = "partner_contact",
        /// The history going to another pôle.
        Handover = "handover",
    }
}

text_enum! {
    /// A rule of the service's public that taking a referral on may break.
    pub enum ReferralRule {
        /// The child is outside the service's age range on the date of the request.
        AgeOutOfRange = "age_out_of_range",
        /// The commune is outside the service's départements.
        OutOfTerritory = "out_of_territory",
        /// School time or school staff, and not a bridge to school (Cnaf: out of scope).
        SchoolTimeNotCovered = "school_time_not_covered",
        /// A partner would be contacted without the family's recorded agreement.
        FamilyAgreementMissing = "family_agreement_missing",
    }
}

use ReferralAction as A;
use ReferralStatus as S;

/// From a state, an action leads to a state. What is not here is an action out of turn.
pub const TRANSITIONS: &[(ReferralStatus, ReferralAction, ReferralStatus)] = &[
    (S::Received, A::Qualify, S::Qualified),
    (S::Received, A::Accept, S::Accepted),
    (S::Received, A::PutOnWaitingList, S::WaitingList),
    (S::Received, A::Decline, S::Declined),
    (S::Received, A::Redirect, S::Redirected),
    (S::Received, A::Withdraw, S::Withdrawn),
    (S::Qualified, A::Accept, S::Accepted),
    (S::Qualified, A::PutOnWaitingList, S::WaitingList),
    (S::Qualified, A::Decline, S::Declined),
    (S::Qualified, A::Redirect, S::Redirected),
    (S::Qualified, A::Withdraw, S::Withdrawn),
    (S::WaitingList, A::Accept, S::Accepted),
    (S::WaitingList, A::Decline, S::Declined),
    (S::WaitingList, A::Redirect, S::Redirected),
    (S::WaitingList, A::Withdraw, S::Withdrawn),
    (S::Declined, A::Reopen, S::Received),
    (S::Redirected, A::Reopen, S::Received),
    (S::Withdrawn, A::Reopen, S::Received),
];

impl ReferralStatus {
    /// The state that an action leads to from this one.
    pub fn after(self, action: ReferralAction) -> Option<Self> {
        TRANSITIONS.iter().find(|(from, by, _)| *from == self && *by == action).map(|(_, _, to)| *to)
    }

    /// The actions that apply in this state, in the order of the table.
    pub fn available_actions(self) -> Vec<ReferralAction> {
        TRANSITIONS.iter().filter(|(from, _, _)| *from == self).map(|(_, action, _)| *action).collect()
    }
}

/// The table as the contract's text.
pub fn transitions_as_text() -> String {
    let mut text = String::from("| from | action | to |\n|---|---|---|\n");
    for (from, action, to) in TRANSITIONS {
        text.push_str(&["| `", from.as_str(), "` | `", action.as_str(), "` | `", to.as_str(), "` |\n"].concat());
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::referrals::model::*;
    use std::collections::HashSet;

    #[test]
    fn an_action_leads_to_one_state() {
        let pairs: HashSet<_> = TRANSITIONS.iter().map(|(from, action, _)| (from, action)).collect();
        assert_eq!(pairs.len(), TRANSITIONS.len());
    }

    #[test]
    fn every_state_is_reached_and_only_acceptance_is_final() {
        for status in ReferralStatus::ALL {
            assert!(
                *status == ReferralStatus::Received || TRANSITIONS.iter().any(|(_, _, to)| to == status),
                "{status}"
            );
            assert_eq!(status.available_actions().is_empty(), *status == ReferralStatus::Accepted, "{status}");
        }
    }

    #[test]
    fn every_action_applies_somewhere() {
        for action in ReferralAction::ALL {
            assert!(TRANSITIONS.iter().any(|(_, by, _)| by == action), "{action}");
        }
    }

    #[test]
    fn urgency_sorts_as_text() {
        let mut texts: Vec<&str> = Urgency::ALL.iter().map(Urgency::as_str).collect();
        texts.sort_unstable();
        assert_eq!(texts, Urgency::ALL.iter().map(Urgency::as_str).collect::<Vec<_>>());
    }
}
