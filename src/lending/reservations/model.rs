//! The life of a reservation: states, actions, the one table of transitions.

use crate::db::text_enum;

text_enum! {
    /// Where a reservation stands. Being overdue is not a state: see `overdue`.
    pub enum ReservationStatus {
        /// Asked for: a copy is kept for it.
        Requested = "requested",
        /// In the queue, without a copy.
        Waiting = "waiting",
        /// A copy came free and is kept for it until the proposal expires.
        Proposed = "proposed",
        /// Agreed: the borrower comes for it.
        Confirmed = "confirmed",
        /// The borrower has it.
        OnLoan = "on_loan",
        /// It came back.
        Returned = "returned",
        /// Refused, with a reason.
        Declined = "declined",
        /// Taken back, with a reason.
        Cancelled = "cancelled",
        /// Nobody came for it.
        NotCollected = "not_collected",
        /// Nobody answered the proposal in time, or no copy came free in time.
        Expired = "expired",
    }
}

text_enum! {
    /// What can be done with a reservation.
    pub enum ReservationAction {
        /// Agree to it, or accept what the queue proposed.
        Confirm = "confirm",
        /// Refuse it.
        Decline = "decline",
        /// Record that it is not wanted any more.
        Cancel = "cancel",
        /// Give it another copy, other days, or both.
        Move = "move",
        /// Give the copy to the borrower.
        HandOut = "hand-out",
        /// Let the borrower keep it longer.
        Extend = "extend",
        /// Take the copy back.
        Return = "return",
        /// Record that nobody came for it.
        NotCollected = "not-collected",
    }
}

text_enum! {
    /// Who borrows.
    pub enum BorrowerKind {
        /// A family that the service knows.
        Household = "household",
        /// A professional, by name.
        Professional = "professional",
        /// An organisation of the directory.
        Organisation = "organisation",
    }
}

text_enum! {
    /// What is to be done when no copy is free.
    pub enum IfTaken {
        /// Refuse the call (409) and record nothing.
        Refuse = "refuse",
        /// Enter the queue.
        Wait = "wait",
        /// Record the request as declined for lack of a copy: the figures tell what to buy.
        Decline = "decline",
    }
}

use ReservationAction as A;
use ReservationStatus as S;

/// From a state, an action leads to a state. What is not here is an action out of transition.
pub const TRANSITIONS: &[(ReservationStatus, ReservationAction, ReservationStatus)] = &[
    (S::Requested, A::Confirm, S::Confirmed),
    (S::Requested, A::Decline, S::Declined),
    (S::Requested, A::Cancel, S::Cancelled),
    (S::Requested, A::Move, S::Requested),
    (S::Waiting, A::Decline, S::Declined),
    (S::Waiting, A::Cancel, S::Cancelled),
    (S::Proposed, A::Confirm, S::Confirmed),
    (S::Proposed, A::Decline, S::Declined),
    (S::Proposed, A::Cancel, S::Cancelled),
    (S::Confirmed, A::Cancel, S::Cancelled),
    (S::Confirmed, A::Move, S::Confirmed),
    (S::Confirmed, A::HandOut, S::OnLoan),
    (S::Confirmed, A::NotCollected, S::NotCollected),
    (S::OnLoan, A::Extend, S::OnLoan),
    (S::OnLoan, A::Return, S::Returned),
];

impl ReservationStatus {
    /// The state that an action leads to from this one.
    pub fn after(self, action: ReservationAction) -> Option<Self> {
        TRANSITIONS.iter().find(|(from, by, _)| *from == self && *by == action).map(|(_, _, to)| *to)
    }

    /// The actions that apply in this state.
    pub fn available_actions(self) -> Vec<ReservationAction> {
        TRANSITIONS.iter().filter(|(from, _, _)| *from == self).map(|(_, action, _)| *action).collect()
    }

    /// Whether days of a copy are kept for it. Those of a loan that is over are its past.
    pub fn holds_a_copy(self) -> bool {
        matches!(self, S::Requested | S::Proposed | S::Confirmed | S::OnLoan | S::Returned)
    }

    /// The states of a copy that is promised and not handed out.
    pub const PROMISED: &'static [Self] = &[S::Requested, S::Proposed, S::Confirmed];
}

#[cfg(test)]
mod tests {
    use crate::lending::reservations::model::*;

    #[test]
    fn every_state_is_reached_and_every_action_applies_somewhere() {
        // A request makes the first two, the queue makes the others.
        let made = [S::Requested, S::Waiting, S::Proposed, S::Expired];
        for status in S::ALL {
            let reached = TRANSITIONS.iter().any(|(_, _, to)| to == status);
            assert!(reached || made.contains(status), "{status}");
        }
        for action in A::ALL {
            assert!(TRANSITIONS.iter().any(|(_, by, _)| by == action), "{action}");
        }
    }

    #[test]
    fn what_has_ended_stays_ended() {
        for status in [S::Returned, S::Declined, S::Cancelled, S::NotCollected, S::Expired] {
            assert_eq!(status.available_actions(), []);
        }
    }

    #[test]
    fn only_what_holds_a_copy_is_handed_out_or_moved() {
        for (from, action, _) in TRANSITIONS {
            if matches!(action, A::HandOut | A::Move | A::Extend | A::Return | A::NotCollected) {
                assert!(from.holds_a_copy(), "{from} {action}");
            }
        }
    }
}
