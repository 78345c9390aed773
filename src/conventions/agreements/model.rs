//! The life of a convention: states, actions, the one table of transitions, and where it stands on a day.

use chrono::{Datelike, NaiveDate};

use crate::db::text_enum;

text_enum! {
    /// What was decided about a convention. Whether it is active or expired is not decided but computed: see
    /// [`ConventionStanding`].
    pub enum ConventionStatus {
        /// Being written.
        Draft = "draft",
        /// Sent to the collectivity.
        Proposed = "proposed",
        /// Signed by the parties.
        Signed = "signed",
        /// Signed, and without effect for the time being.
        Suspended = "suspended",
        /// Ended before its end.
        Terminated = "terminated",
        /// Refused by the collectivity, or given up.
        Declined = "declined",
    }
}

text_enum! {
    /// Where a convention stands on a day, as in the code list `convention_status`.
    pub enum ConventionStanding {
        /// Being written.
        Draft = "draft",
        /// Sent to the collectivity.
        Proposed = "proposed",
        /// Signed, and not begun.
        Signed = "signed",
        /// Signed, in its period.
        Active = "active",
        /// Without effect for the time being.
        Suspended = "suspended",
        /// Its period is over.
        Expired = "expired",
        /// Ended before its end.
        Terminated = "terminated",
        /// Refused or given up.
        Declined = "declined",
    }
}

text_enum! {
    /// What can be done with a convention.
    pub enum ConventionAction {
        /// Send it to the collectivity.
        Propose = "propose",
        /// Record that the parties signed it: its terms and its contributions are frozen.
        Sign = "sign",
        /// Record that the collectivity refuses it, or that it is given up.
        Decline = "decline",
        /// Suspend it.
        Suspend = "suspend",
        /// End a suspension.
        Resume = "resume",
        /// End it before its end.
        Terminate = "terminate",
        /// Change its terms by an amendment.
        Amend = "amend",
    }
}

use ConventionAction as A;
use ConventionStatus as S;

/// From a state, an action leads to a state. What is not here is an action out of transition.
pub const TRANSITIONS: &[(ConventionStatus, ConventionAction, ConventionStatus)] = &[
    (S::Draft, A::Propose, S::Proposed),
    (S::Draft, A::Decline, S::Declined),
    (S::Proposed, A::Sign, S::Signed),
    (S::Proposed, A::Decline, S::Declined),
    (S::Signed, A::Suspend, S::Suspended),
    (S::Signed, A::Terminate, S::Terminated),
    (S::Signed, A::Amend, S::Signed),
    (S::Suspended, A::Resume, S::Signed),
    (S::Suspended, A::Terminate, S::Terminated),
];

impl ConventionStatus {
    /// The state that an action leads to from this one.
    pub fn after(self, action: ConventionAction) -> Option<Self> {
        TRANSITIONS.iter().find(|(from, by, _)| *from == self && *by == action).map(|(_, _, to)| *to)
    }

    /// The actions that apply in this state.
    pub fn available_actions(self) -> Vec<ConventionAction> {
        TRANSITIONS.iter().filter(|(from, _, _)| *from == self).map(|(_, action, _)| *action).collect()
    }

    /// Whether it can still be written: nobody signed it.
    pub fn is_open(self) -> bool {
        matches!(self, S::Draft | S::Proposed)
    }

    /// The states of a convention that was signed.
    pub const SIGNED: &'static [Self] = &[S::Signed, S::Suspended, S::Terminated];

    /// Where a convention of this state, first and last day stands on a day. A termination that is to come changes nothing
    /// until then.
    pub fn standing(self, starts_on: NaiveDate, last_day: NaiveDate, on: NaiveDate) -> ConventionStanding {
        match self {
            S::Draft => ConventionStanding::Draft,
            S::Proposed => ConventionStanding::Proposed,
            S::Declined => ConventionStanding::Declined,
            S::Terminated if on > last_day => ConventionStanding::Terminated,
            S::Signed | S::Suspended if on > last_day => ConventionStanding::Expired,
            S::Suspended => ConventionStanding::Suspended,
            S::Signed | S::Terminated if on < starts_on => ConventionStanding::Signed,
            S::Signed | S::Terminated => ConventionStanding::Active,
        }
    }
}

/// The calendar years that a period touches.
pub fn years(starts_on: NaiveDate, ends_on: NaiveDate) -> std::ops::RangeInclusive<i32> {
    starts_on.year()..=ends_on.year()
}

#[cfg(test)]
mod tests {
    use crate::conventions::agreements::model::*;
    use proptest::prelude::*;

    #[test]
    fn every_state_is_reached_and_every_action_applies_somewhere() {
        for status in S::ALL {
            assert!(*status == S::Draft || TRANSITIONS.iter().any(|(_, _, to)| to == status), "{status}");
        }
        for action in A::ALL {
            assert!(TRANSITIONS.iter().any(|(_, by, _)| by == action), "{action}");
        }
    }

    #[test]
    fn nothing_is_signed_before_it_is_proposed() {
        let to_signed: Vec<_> = TRANSITIONS.iter().filter(|(_, action, _)| *action == A::Sign).collect();
        assert_eq!(to_signed, [&(S::Proposed, A::Sign, S::Signed)]);
    }

    #[test]
    fn the_standings_are_the_codes_of_the_list() {
        let list = crate::nomenclatures::list(crate::nomenclatures::lists::CONVENTION_STATUS).unwrap();
        let codes: Vec<&str> = list.codes().iter().map(|code| code.code.as_str()).collect();
        let mut standings: Vec<&str> = ConventionStanding::ALL.iter().map(ConventionStanding::as_str).collect();
        standings.sort_by_key(|standing| codes.iter().position(|code| code == standing));
        assert_eq!(standings, codes);
    }

    proptest! {
        #[test]
        fn a_signed_convention_is_active_in_its_period_and_on_no_other_day(day in -500i64..900) {
            let (starts_on, ends_on) = ("2026-03-01".parse().unwrap(), "2026-12-31".parse().unwrap());
            let on = starts_on + chrono::Duration::days(day);
            let active = S::Signed.standing(starts_on, ends_on, on) == ConventionStanding::Active;
            prop_assert_eq!(active, (starts_on..=ends_on).contains(&on));
        }
    }
}
