//! The life cycle of a case: states, actions, the table of transitions, and the outcomes; the shares of work about several
//! cases. Pure.

pub mod shares;
pub mod viewer;

use chrono::{Days, NaiveDate};

use crate::dates;
use crate::db::text_enum;
use crate::error::{Fault, Text};
use crate::nomenclatures::{self, codes::CaseOutcome};

text_enum! {
    /// Subject of a referral or of a case.
    pub enum Subject {
        /// A child and its household.
        Child = "child",
        /// A structure without a child: advice, awareness, training, equipment.
        Structure = "structure",
    }
}

text_enum! {
    /// Priority of a case, as the team sees it.
    pub enum CasePriority {
        /// Can wait.
        Low = "low",
        /// Neither.
        Normal = "normal",
        /// Comes first.
        High = "high",
    }
}

impl CasePriority {
    /// Its sort key.
    pub fn key(self) -> i32 {
        match self {
            Self::Low => 0,
            Self::Normal => 1,
            Self::High => 2,
        }
    }
}

text_enum! {
    /// State of a case.
    pub enum CaseStatus {
        /// The service accompanies the child or the structure.
        Open = "open",
        /// Closed, with an outcome.
        Closed = "closed",
    }
}

text_enum! {
    /// Action on a case.
    pub enum CaseAction {
        /// Record a dated milestone.
        RecordStep = "record_step",
        /// Record an intervention.
        RecordIntervention = "record_intervention",
        /// Record that the child effectively has a place.
        RecordPlacement = "record_placement",
        /// Set a goal, or review one.
        SetGoal = "set_goal",
        /// Record a procedure about the child.
        RecordProcedure = "record_procedure",
        /// Flag a complex situation.
        FlagComplexity = "flag_complexity",
        /// Set the priority.
        SetPriority = "set_priority",
        /// Plan the next follow-up.
        PlanFollowUp = "plan_follow_up",
        /// Suspend it, for a reason.
        Suspend = "suspend",
        /// Resume it after a suspension.
        Resume = "resume",
        /// Close it, with an outcome.
        Close = "close",
        /// Reopen it, because it was closed too early.
        Reopen = "reopen",
    }
}

use CaseAction as A;
use CaseStatus as S;

/// Each row: in this state, this action leads to that state. No other action is allowed.
///
/// A placement leaves the case open (Cnaf: the integration is followed).
pub const TRANSITIONS: &[(CaseStatus, CaseAction, CaseStatus)] = &[
    (S::Open, A::RecordStep, S::Open),
    (S::Open, A::RecordIntervention, S::Open),
    (S::Open, A::RecordPlacement, S::Open),
    (S::Open, A::SetGoal, S::Open),
    (S::Open, A::RecordProcedure, S::Open),
    (S::Open, A::FlagComplexity, S::Open),
    (S::Open, A::SetPriority, S::Open),
    (S::Open, A::PlanFollowUp, S::Open),
    (S::Open, A::Suspend, S::Open),
    (S::Open, A::Resume, S::Open),
    (S::Open, A::Close, S::Closed),
    (S::Closed, A::Reopen, S::Open),
];

impl CaseStatus {
    /// The state after an action in this state; none if the action is not allowed.
    pub fn after(self, action: CaseAction) -> Option<Self> {
        TRANSITIONS.iter().find(|(from, by, _)| *from == self && *by == action).map(|(_, _, to)| *to)
    }

    /// The actions that are allowed in this state, in the order of the table. Only a child can be placed or have a procedure. `late` is whether a
    /// closed case still takes [`LATE_ENTRIES`].
    pub fn available_actions(self, subject: Subject, late: bool) -> Vec<CaseAction> {
        let of_child = [A::RecordPlacement, A::RecordProcedure];
        let applies = |action| subject == Subject::Child || !of_child.contains(&action);
        let of_table = TRANSITIONS.iter().filter(|(from, by, _)| *from == self && applies(*by)).map(|(_, by, _)| *by);
        let late = LATE_ENTRIES.iter().filter(|_| self == S::Closed && late).copied();
        of_table.chain(late).collect()
    }
}

/// What decides, beside the state of a case, which actions it takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    /// It is suspended.
    pub is_suspended: bool,
    /// It is flagged as a complex situation.
    pub is_complex: bool,
    /// Its child has another case, which is open.
    pub has_open_sibling: bool,
}

impl CaseAction {
    /// Whether a case takes the action as it stands: a suspended case is resumed, another one is suspended; one is flagged as
    /// complex once; a child has one open case. Every other action is allowed either way.
    pub fn fits(self, standing: Standing) -> bool {
        match self {
            A::Suspend => !standing.is_suspended,
            A::Resume => standing.is_suspended,
            A::FlagComplexity => !standing.is_complex,
            A::Reopen => !standing.has_open_sibling,
            _ => true,
        }
    }
}

/// The fault of a last day of a record before the first one. A correction that sends the first day alone is refused there, otherwise
/// at the last.
pub fn days_in_order(
    (first_at, first): (&'static str, NaiveDate),
    (last_at, last): (&'static str, NaiveDate),
    first_alone: bool,
) -> Option<Fault> {
    if first_alone {
        dates::not_after(first_at, first, last, "after_end")
    } else {
        dates::not_before(last_at, last, first, "before_start")
    }
}

/// What a closed case still takes for some days: work that was done before it was closed. The end of a placement can be
/// recorded at any time.
pub const LATE_ENTRIES: [CaseAction; 2] = [A::RecordStep, A::RecordIntervention];

/// The last day on which a case that was closed on a day takes late entries.
pub fn last_late_day(closed_on: NaiveDate, late_entry_days: i32) -> NaiveDate {
    let days = Days::new(u64::try_from(late_entry_days).unwrap_or_default());
    closed_on.checked_add_days(days).unwrap_or(NaiveDate::MAX)
}

/// The fault of an outcome that no case about this subject has: the code list says which cases an outcome is of.
pub fn outcome_fault(outcome: &CaseOutcome, subject: Subject, pointer: &str) -> Option<Fault> {
    let list = nomenclatures::list(CaseOutcome::LIST)?;
    let is_of = |code: &nomenclatures::Code| code.texts("subjects").is_none_or(|of| of.contains(&subject.as_str()));
    if list.get(outcome.as_str()).is_none_or(is_of) {
        return None;
    }
    let possible: Vec<String> =
        list.codes().iter().filter(|code| is_of(code)).map(|code| format!("`{}`", code.code)).collect();
    let possible = possible.join(", ");
    let (fr, en) = match subject {
        Subject::Child => ("un enfant", "a child"),
        Subject::Structure => ("une structure", "a structure"),
    };
    let message = Text::new(
        format!("L'issue `{outcome}` n'est pas celle d'un suivi concernant {fr} ; issues possibles : {possible}."),
        format!("`{outcome}` is not an outcome of a case about {en}; possible outcomes: {possible}."),
    );
    Some(Fault::new(pointer, "not_an_outcome_of_this_case", message))
}

/// The step that a placement records (Cnaf: the aim of the whole support).
pub const EFFECTIVE_PLACEMENT: &str = "effective_placement";

/// The step that a closure records.
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
    fn every_action_is_allowed_in_some_state() {
        for action in CaseAction::ALL {
            assert!(CaseStatus::ALL.iter().any(|status| status.after(*action).is_some()), "{action}");
        }
    }

    #[test]
    fn a_placement_does_not_close_the_case() {
        assert_eq!(S::Open.after(A::RecordPlacement), Some(S::Open));
    }

    #[test]
    fn a_closed_case_is_reopened_and_takes_late_entries_for_some_days() {
        for subject in Subject::ALL {
            assert_eq!(S::Closed.available_actions(*subject, false), [A::Reopen]);
            assert_eq!(S::Closed.available_actions(*subject, true), [A::Reopen, A::RecordStep, A::RecordIntervention]);
            assert_eq!(S::Open.available_actions(*subject, true), S::Open.available_actions(*subject, false));
        }
    }

    #[test]
    fn late_entries_end_after_their_days() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(last_late_day(day("2026-03-02"), 60), day("2026-05-01"));
        assert_eq!(last_late_day(day("2026-03-02"), 0), day("2026-03-02"));
    }

    #[test]
    fn an_outcome_about_a_place_is_of_a_child() {
        let codes = nomenclatures::list(CaseOutcome::LIST).unwrap().codes();
        let of = |subject| {
            let fits = move |code: &&nomenclatures::Code| {
                outcome_fault(&code.code.parse().unwrap(), subject, "/outcome").is_none()
            };
            codes.iter().filter(fits).map(|code| code.code.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of(Subject::Child).len(), codes.len());
        assert_eq!(
            of(Subject::Structure),
            [
                "redirected",
                "no_solution",
                "out_of_scope",
                "need_met",
                "handed_over_to_other_pole",
                "lost_contact",
                "other"
            ]
        );
    }

    #[test]
    fn only_a_child_can_be_placed() {
        assert!(S::Open.available_actions(Subject::Child, false).contains(&A::RecordPlacement));
        assert!(!S::Open.available_actions(Subject::Structure, false).contains(&A::RecordPlacement));
    }

    proptest! {
        #[test]
        fn the_available_actions_are_those_with_a_transition(actions in proptest::collection::vec(0..CaseAction::ALL.len(), 0..40)) {
            let mut status = S::Open;
            for action in actions.into_iter().map(|index| CaseAction::ALL[index]) {
                let listed = status.available_actions(Subject::Child, false).contains(&action);
                let next = status.after(action);
                prop_assert_eq!(listed, next.is_some());
                status = next.unwrap_or(status);
            }
        }
    }
}
