//! The life of a case: states, actions, the one table of transitions.

use crate::db::text_enum;

text_enum! {
    /// Whom a referral or a case is about.
    pub enum Subject {
        /// A child and its household.
        Child = "child",
        /// A structure and no child: advice, awareness, training, equipment.
        Structure = "structure",
    }
}

text_enum! {
    /// Where a case stands.
    pub enum CaseStatus {
        /// The pôle accompanies the child or the structure.
        Open = "open",
        /// Ended, with an outcome.
        Closed = "closed",
    }
}

text_enum! {
    /// What can be done with a case.
    pub enum CaseAction {
        /// Record a dated milestone.
        RecordStep = "record_step",
        /// Record a piece of work.
        RecordIntervention = "record_intervention",
        /// Record that the child really has a place.
        RecordPlacement = "record_placement",
        /// Say when the case is looked at next.
        PlanFollowUp = "plan_follow_up",
        /// End it, with an outcome.
        Close = "close",
        /// Take it up again: it was closed too early.
        Reopen = "reopen",
    }
}

use CaseAction as A;
use CaseStatus as S;

/// From a state, an action leads to a state. What is not here is an action out of turn.
///
/// A place found leaves the case open: orientation is not the end (Cnaf, integration followed).
pub const TRANSITIONS: &[(CaseStatus, CaseAction, CaseStatus)] = &[
    (S::Open, A::RecordStep, S::Open),
    (S::Open, A::RecordIntervention, S::Open),
    (S::Open, A::RecordPlacement, S::Open),
    (S::Open, A::PlanFollowUp, S::Open),
    (S::Open, A::Close, S::Closed),
    (S::Closed, A::Reopen, S::Open),
];

impl CaseStatus {
    /// The state that an action leads to from this one.
    pub fn after(self, action: CaseAction) -> Option<Self> {
        TRANSITIONS.iter().find(|(from, by, _)| *from == self && *by == action).map(|(_, _, to)| *to)
    }

    /// The actions that apply in this state, in the order of the table. Only a child is placed.
    pub fn available_actions(self, subject: Subject) -> Vec<CaseAction> {
        let applies = |action| subject == Subject::Child || action != A::RecordPlacement;
        TRANSITIONS.iter().filter(|(from, by, _)| *from == self && applies(*by)).map(|(_, by, _)| *by).collect()
    }
}

/// The step that placing a child records (Cnaf: the step that the whole support leads to).
pub const EFFECTIVE_PLACEMENT: &str = "effective_placement";

/// The step that closing records.
pub const CLOSURE: &str = "closure";

#[cfg(test)]
mod tests {
    use crate::cases::model::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn an_action_leads_to_one_state() {
        let pairs: HashSet<_> = TRANSITIONS.iter().map(|(from, by, _)| (from, by)).collect();
        assert_eq!(pairs.len(), TRANSITIONS.len());
    }

    #[test]
    fn every_action_applies_somewhere() {
        for action in CaseAction::ALL {
            assert!(CaseStatus::ALL.iter().any(|status| status.after(*action).is_some()), "{action}");
        }
    }

    #[test]
    fn a_place_found_does_not_close_the_case() {
        assert_eq!(S::Open.after(A::RecordPlacement), Some(S::Open));
    }

    #[test]
    fn a_closed_case_can_only_be_reopened() {
        for subject in Subject::ALL {
            assert_eq!(S::Closed.available_actions(*subject), [A::Reopen]);
        }
    }

    #[test]
    fn a_structure_is_not_placed() {
        assert!(S::Open.available_actions(Subject::Child).contains(&A::RecordPlacement));
        assert!(!S::Open.available_actions(Subject::Structure).contains(&A::RecordPlacement));
    }

    proptest! {
        #[test]
        fn what_is_available_is_what_leads_somewhere(actions in proptest::collection::vec(0..CaseAction::ALL.len(), 0..40)) {
            let mut status = S::Open;
            for action in actions.into_iter().map(|index| CaseAction::ALL[index]) {
                let listed = status.available_actions(Subject::Child).contains(&action);
                let next = status.after(action);
                prop_assert_eq!(listed, next.is_some());
                status = next.unwrap_or(status);
            }
        }
    }
}
