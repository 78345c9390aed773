//! The state machine of a reservation: states, actions, and the one table of transitions.

use crate::db::text_enum;

text_enum! {
    /// State of a reservation. Overdue is not a state: see the field `overdue`.
    pub enum ReservationStatus {
        /// Requested: a copy is held for it.
        Requested = "requested",
        /// In the queue, without a copy.
        Waiting = "waiting",
        /// A copy has become available and is held for it until the proposal expires.
        Proposed = "proposed",
        /// Confirmed by the service: the borrower is to collect the copy.
        Confirmed = "confirmed",
        /// The borrower has the copy.
        OnLoan = "on_loan",
        /// The copy is back.
        Returned = "returned",
        /// Declined by the service, with a reason.
        Declined = "declined",
        /// Cancelled, with a reason.
        Cancelled = "cancelled",
        /// The borrower did not collect the copy.
        NotCollected = "not_collected",
        /// The proposal was not accepted in time, or no copy became available in time.
        Expired = "expired",
    }
}

text_enum! {
    /// Action on a reservation.
    pub enum ReservationAction {
        /// Confirm a request, or accept a proposal of the queue.
        Confirm = "confirm",
        /// Decline it.
        Decline = "decline",
        /// Cancel it: the borrower no longer wants it.
        Cancel = "cancel",
        /// Assign another copy, other days, or both.
        Move = "move",
        /// Hand the copy out to the borrower.
        HandOut = "hand-out",
        /// Extend the loan.
        Extend = "extend",
        /// Take the copy back.
        Return = "return",
        /// Record that the borrower did not collect the copy.
        NotCollected = "not-collected",
    }
}

text_enum! {
    /// Kind of borrower.
    pub enum BorrowerKind {
        /// A household of the service.
        Household = "household",
        /// A named professional.
        Professional = "professional",
        /// An organisation of the directory.
        Organisation = "organisation",
    }
}

text_enum! {
    /// What is unusual about a reservation, and blocks nothing.
    pub enum LoanWarning {
        /// It is longer than the usual length of a loan of the kit.
        LongerThanUsual = "longer_than_usual",
        /// The borrower's commune is outside the service's départements.
        OutOfTerritory = "out_of_territory",
    }
}

/// The warnings about a loan of some days, to a borrower inside the territory of the service or not.
pub fn warnings(asked_days: i32, usual_days: i32, in_territory: bool) -> Vec<LoanWarning> {
    let longer = (asked_days > usual_days).then_some(LoanWarning::LongerThanUsual);
    let outside = (!in_territory).then_some(LoanWarning::OutOfTerritory);
    longer.into_iter().chain(outside).collect()
}

text_enum! {
    /// What to do if no copy is free.
    pub enum IfTaken {
        /// Fail with 409 and record nothing.
        Refuse = "refuse",
        /// Add the reservation to the queue.
        Wait = "wait",
        /// Record the request as declined because no copy was free, for the figures.
        Decline = "decline",
    }
}

use ReservationAction as A;
use ReservationStatus as S;

/// State, action, next state. Any other action is not allowed in that state.
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

/// What decides, beside its state, which actions a reservation takes.
#[expect(clippy::struct_excessive_bools, reason = "each decides about an action of its own")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    /// Somebody waits for the kit.
    pub is_wanted: bool,
    /// Its first day has come.
    pub has_begun: bool,
    /// Its last day has passed.
    pub is_over: bool,
    /// Its copy can be lent, and no other loan has it.
    pub copy_is_there: bool,
}

impl ReservationStatus {
    /// The state that an action leads to from this one.
    pub fn after(self, action: ReservationAction) -> Option<Self> {
        TRANSITIONS.iter().find(|(from, by, _)| *from == self && *by == action).map(|(_, _, to)| *to)
    }

    /// The actions allowed in this state.
    pub fn available_actions(self) -> Vec<ReservationAction> {
        TRANSITIONS.iter().filter(|(from, _, _)| *from == self).map(|(_, action, _)| *action).collect()
    }

    /// The actions that a reservation in this state takes as it stands: a loan is not extended while somebody waits for the kit,
    /// what has not begun can still be collected, and a copy is handed out while it is there and the loan is not over.
    pub fn actions_of(self, standing: Standing) -> Vec<ReservationAction> {
        let mut actions = self.available_actions();
        actions.retain(|action| match action {
            A::Extend => !standing.is_wanted,
            A::NotCollected => standing.has_begun,
            A::HandOut => standing.copy_is_there && !standing.is_over,
            _ => true,
        });
        actions
    }

    /// Whether a reservation in this state has days of a copy. A returned loan keeps its past days.
    pub fn holds_a_copy(self) -> bool {
        Self::HOLDING.contains(&self)
    }

    /// The states in which a reservation has days of a copy.
    pub const HOLDING: &'static [Self] = &[S::Requested, S::Proposed, S::Confirmed, S::OnLoan, S::Returned];

    /// The states in which a copy is reserved and not handed out.
    pub const RESERVED: &'static [Self] = &[S::Requested, S::Proposed, S::Confirmed];
}

#[cfg(test)]
mod tests {
    use crate::lending::reservations::model::*;

    #[test]
    fn every_state_is_reached_and_every_action_applies_somewhere() {
        // A new request has one of the first two states, the queue sets the others.
        let initial = [S::Requested, S::Waiting, S::Proposed, S::Expired];
        for status in S::ALL {
            let reached = TRANSITIONS.iter().any(|(_, _, to)| to == status);
            assert!(reached || initial.contains(status), "{status}");
        }
        for action in A::ALL {
            assert!(TRANSITIONS.iter().any(|(_, by, _)| by == action), "{action}");
        }
    }

    #[test]
    fn no_action_leaves_a_final_state() {
        for status in [S::Returned, S::Declined, S::Cancelled, S::NotCollected, S::Expired] {
            assert_eq!(status.available_actions(), []);
        }
    }

    #[test]
    fn what_would_be_refused_is_not_offered() {
        let now = Standing { has_begun: true, copy_is_there: true, ..Standing::default() };
        assert_eq!(S::Confirmed.actions_of(now), S::Confirmed.available_actions());
        assert_eq!(S::OnLoan.actions_of(now), [A::Extend, A::Return]);
        assert_eq!(S::OnLoan.actions_of(Standing { is_wanted: true, ..now }), [A::Return]);
        for later in [Standing { is_over: true, ..now }, Standing { copy_is_there: false, ..now }] {
            assert_eq!(S::Confirmed.actions_of(later), [A::Cancel, A::Move, A::NotCollected]);
        }
        assert_eq!(S::Confirmed.actions_of(Standing { has_begun: false, ..now }), [A::Cancel, A::Move, A::HandOut]);
    }

    #[test]
    fn only_a_reservation_with_a_copy_is_handed_out_or_moved() {
        for (from, action, _) in TRANSITIONS {
            if matches!(action, A::HandOut | A::Move | A::Extend | A::Return | A::NotCollected) {
                assert!(from.holds_a_copy(), "{from} {action}");
            }
        }
    }
}
