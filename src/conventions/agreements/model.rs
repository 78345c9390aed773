//! The life cycle of a convention: states, actions, the only transition table, and the standing on a given day.

use chrono::{Datelike, NaiveDate};

use crate::db::text_enum;

text_enum! {
    /// Status of a convention, as last decided. Whether it is active or expired is computed from its dates: see its
    /// standing.
    pub enum ConventionStatus {
        /// Draft.
        Draft = "draft",
        /// Sent to the local authority.
        Proposed = "proposed",
        /// Signed by the parties.
        Signed = "signed",
        /// Signed, and suspended for now.
        Suspended = "suspended",
        /// Ended early.
        Terminated = "terminated",
        /// Refused by the local authority, or abandoned.
        Declined = "declined",
    }
}

text_enum! {
    /// Standing of a convention on a given day. The codes are those of the code list `convention_status`.
    pub enum ConventionStanding {
        /// Draft.
        Draft = "draft",
        /// Sent to the local authority.
        Proposed = "proposed",
        /// Signed, before its first day.
        Signed = "signed",
        /// Signed, within its period.
        Active = "active",
        /// Suspended for now.
        Suspended = "suspended",
        /// Its period is over.
        Expired = "expired",
        /// Ended early.
        Terminated = "terminated",
        /// Refused or abandoned.
        Declined = "declined",
    }
}

text_enum! {
    /// Action on a convention.
    pub enum ConventionAction {
        /// Send it to the local authority.
        Propose = "propose",
        /// Record that the parties signed it: its terms and its contributions are frozen.
        Sign = "sign",
        /// Record that the local authority refuses it, or that it is abandoned.
        Decline = "decline",
        /// Suspend it.
        Suspend = "suspend",
        /// End a suspension.
        Resume = "resume",
        /// End it early.
        Terminate = "terminate",
        /// Change its terms by an amendment.
        Amend = "amend",
    }
}

use ConventionAction as A;
use ConventionStatus as S;

/// The transitions: state, action, next state. Any other pair of state and action is not allowed.
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
    /// The state after an action; `None` if the action is not allowed in this state.
    pub fn after(self, action: ConventionAction) -> Option<Self> {
        TRANSITIONS.iter().find(|(from, by, _)| *from == self && *by == action).map(|(_, _, to)| *to)
    }

    /// The actions allowed in this state.
    pub fn available_actions(self) -> Vec<ConventionAction> {
        TRANSITIONS.iter().filter(|(from, _, _)| *from == self).map(|(_, action, _)| *action).collect()
    }

    /// Whether its terms can still be edited: it is not signed yet.
    pub fn is_open(self) -> bool {
        matches!(self, S::Draft | S::Proposed)
    }

    /// The states of a convention that has been signed.
    pub const SIGNED: &'static [Self] = &[S::Signed, S::Suspended, S::Terminated];

    /// The standing, on a day, of a convention with this state, first day and last day. A termination in the future
    /// changes nothing before its date.
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

/// The calendar years that a period overlaps.
pub fn years(starts_on: NaiveDate, ends_on: NaiveDate) -> std::ops::RangeInclusive<i32> {
    starts_on.year()..=ends_on.year()
}

/// The first and the last day of a calendar year.
pub fn days_of(year: i32) -> (NaiveDate, NaiveDate) {
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    (day(1, 1), day(12, 31))
}

#[cfg(test)]
mod tests {
    use crate::conventions::agreements::model::*;
    use proptest::prelude::*;

    #[test]
    fn every_state_is_reachable_and_every_action_is_allowed_somewhere() {
        for status in S::ALL {
            assert!(*status == S::Draft || TRANSITIONS.iter().any(|(_, _, to)| to == status), "{status}");
        }
        for action in A::ALL {
            assert!(TRANSITIONS.iter().any(|(_, by, _)| by == action), "{action}");
        }
    }

    #[test]
    fn a_convention_is_signed_only_after_it_is_proposed() {
        let to_signed: Vec<_> = TRANSITIONS.iter().filter(|(_, action, _)| *action == A::Sign).collect();
        assert_eq!(to_signed, [&(S::Proposed, A::Sign, S::Signed)]);
    }

    #[test]
    fn the_standings_are_the_codes_of_the_code_list() {
        let list = crate::nomenclatures::list(crate::nomenclatures::lists::CONVENTION_STATUS).unwrap();
        let codes: Vec<&str> = list.codes().iter().map(|code| code.code.as_str()).collect();
        let mut standings: Vec<&str> = ConventionStanding::ALL.iter().map(ConventionStanding::as_str).collect();
        standings.sort_by_key(|standing| codes.iter().position(|code| code == standing));
        assert_eq!(standings, codes);
    }

    proptest! {
        #[test]
        fn a_signed_convention_is_active_exactly_during_its_period(day in -500i64..900) {
            let (starts_on, ends_on) = ("2026-03-01".parse().unwrap(), "2026-12-31".parse().unwrap());
            let on = starts_on + chrono::Duration::days(day);
            let active = S::Signed.standing(starts_on, ends_on, on) == ConventionStanding::Active;
            prop_assert_eq!(active, (starts_on..=ends_on).contains(&on));
        }
    }
}
