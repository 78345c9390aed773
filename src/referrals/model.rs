//! The life cycle of a referral: states, actions and the table of transitions. Pure.

use crate::db::text_enum;

pub use crate::services::public::model::ReferralRule;
pub use crate::services::public::model::agreement::AgreementPurpose;

text_enum! {
    /// State of a referral.
    pub enum ReferralStatus {
        /// Received, not examined yet.
        Received = "received",
        /// Examined: enough is known to decide.
        Qualified = "qualified",
        /// Accepted in principle, not started.
        WaitingList = "waiting_list",
        /// Accepted: a case was opened.
        Accepted = "accepted",
        /// Declined, with a reason.
        Declined = "declined",
        /// Redirected to a partner.
        Redirected = "redirected",
        /// Withdrawn by the family or the referrer.
        Withdrawn = "withdrawn",
        /// Recorded or accepted by mistake: it counts nowhere.
        Annulled = "annulled",
    }
}

text_enum! {
    /// Action on a referral.
    pub enum ReferralAction {
        /// Confirm that enough is known to decide.
        Qualify = "qualify",
        /// Accept it: opens a case, or joins the open case of the child.
        Accept = "accept",
        /// Accept it in principle and put it on the waiting list.
        PutOnWaitingList = "put_on_waiting_list",
        /// Decline it, with a reason.
        Decline = "decline",
        /// Redirect it to a partner.
        Redirect = "redirect",
        /// Record that the family or the referrer withdraws the request.
        Withdraw = "withdraw",
        /// Return a declined, redirected or withdrawn referral to the state `received`.
        Reopen = "reopen",
        /// Annul it: it was recorded or accepted by mistake, and counts nowhere any more.
        Annul = "annul",
    }
}

// The database sorts the waiting list on these texts: their alphabetical order is the order of urgency.
text_enum! {
    /// Urgency of a referral. The waiting list has `urgent` first, then `priority`, then `normal`.
    pub enum Urgency {
        /// No particular urgency.
        Normal = "normal",
        /// Before normal referrals.
        Priority = "priority",
        /// Immediate: a childcare place is about to be lost.
        Urgent = "urgent",
    }
}

use ReferralAction as A;
use ReferralStatus as S;

/// Each row: in this state, this action leads to that state. No other action is allowed.
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
    (S::Received, A::Annul, S::Annulled),
    (S::Qualified, A::Annul, S::Annulled),
    (S::WaitingList, A::Annul, S::Annulled),
    (S::Accepted, A::Annul, S::Annulled),
    (S::Declined, A::Annul, S::Annulled),
    (S::Redirected, A::Annul, S::Annulled),
    (S::Withdrawn, A::Annul, S::Annulled),
];

impl ReferralStatus {
    /// The state after an action in this state; none if the action is not allowed.
    pub fn after(self, action: ReferralAction) -> Option<Self> {
        TRANSITIONS.iter().find(|(from, by, _)| *from == self && *by == action).map(|(_, _, to)| *to)
    }

    /// The actions that are allowed in this state, in the order of the table.
    pub fn available_actions(self) -> Vec<ReferralAction> {
        TRANSITIONS.iter().filter(|(from, _, _)| *from == self).map(|(_, action, _)| *action).collect()
    }
}

/// The table of transitions as Markdown, for the contract.
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
    fn every_state_is_reachable_and_only_annulled_is_final() {
        for status in ReferralStatus::ALL {
            assert!(
                *status == ReferralStatus::Received || TRANSITIONS.iter().any(|(_, _, to)| to == status),
                "{status}"
            );
            assert_eq!(status.available_actions().is_empty(), *status == ReferralStatus::Annulled, "{status}");
        }
    }

    #[test]
    fn everything_but_what_is_annulled_can_be_annulled() {
        for status in ReferralStatus::ALL {
            let after = (*status != ReferralStatus::Annulled).then_some(ReferralStatus::Annulled);
            assert_eq!(status.after(ReferralAction::Annul), after, "{status}");
        }
    }

    #[test]
    fn every_action_is_allowed_in_some_state() {
        for action in ReferralAction::ALL {
            assert!(TRANSITIONS.iter().any(|(_, by, _)| by == action), "{action}");
        }
    }

    #[test]
    fn the_texts_of_urgency_sort_alphabetically_in_its_order() {
        let mut texts: Vec<&str> = Urgency::ALL.iter().map(Urgency::as_str).collect();
        texts.sort_unstable();
        assert_eq!(texts, Urgency::ALL.iter().map(Urgency::as_str).collect::<Vec<_>>());
    }
}
