//! The standing of an instalment, computed from its dates and amounts and never stored. Pure.

use chrono::NaiveDate;

use crate::db::text_enum;

text_enum! {
    /// Standing of an instalment on a given day.
    pub enum InstalmentStanding {
        /// Not called yet.
        Planned = "planned",
        /// Called, and not overdue.
        Called = "called",
        /// Called, past its due date, with an amount remaining.
        Overdue = "overdue",
        /// Nothing remains: at least part of it was received, or nothing was due.
        Received = "received",
        /// Nothing remains: all of it was waived.
        Waived = "waived",
    }
}

text_enum! {
    /// Action on an instalment.
    pub enum InstalmentAction {
        /// Call it: request its payment.
        Call = "call",
        /// Record a payment.
        Receive = "receive",
        /// Waive the remaining amount.
        Waive = "waive",
    }
}

/// The dates and amounts of an instalment.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// When it is due.
    pub due_on: NaiveDate,
    /// Amount due, in cents.
    pub amount_cents: i64,
    /// Amount received, in cents.
    pub received_cents: i64,
    /// Amount waived, in cents.
    pub waived_cents: i64,
    /// Whether it was called.
    pub called: bool,
}

impl Account {
    /// Amount still to be received.
    pub fn remaining_cents(&self) -> i64 {
        self.amount_cents - self.received_cents - self.waived_cents
    }

    /// The standing on a day. An instalment is overdue from the day after its due date.
    pub fn standing(&self, on: NaiveDate) -> InstalmentStanding {
        if self.remaining_cents() == 0 && (self.called || self.waived_cents > 0) {
            let all_waived = self.waived_cents > 0 && self.received_cents == 0;
            return if all_waived { InstalmentStanding::Waived } else { InstalmentStanding::Received };
        }
        match (self.called, self.due_on < on) {
            (false, _) => InstalmentStanding::Planned,
            (true, false) => InstalmentStanding::Called,
            (true, true) => InstalmentStanding::Overdue,
        }
    }

    /// The actions allowed, once its contribution is frozen.
    pub fn available_actions(&self) -> Vec<InstalmentAction> {
        use InstalmentAction::{Call, Receive, Waive};
        let settled = self.remaining_cents() == 0;
        let applies = |action: &&InstalmentAction| match action {
            Call => !self.called && self.waived_cents < self.amount_cents.max(1),
            Receive => self.called && !settled,
            Waive => !settled && self.waived_cents == 0,
        };
        InstalmentAction::ALL.iter().filter(applies).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::conventions::instalments::model::*;
    use proptest::prelude::*;

    fn account(amount: i64, received: i64, waived: i64, called: bool) -> Account {
        let due_on = "2026-03-31".parse().unwrap();
        Account { due_on, amount_cents: amount, received_cents: received, waived_cents: waived, called }
    }

    #[test]
    fn an_instalment_is_overdue_from_the_day_after_its_due_date() {
        let on = |day: &str| account(100, 40, 0, true).standing(day.parse().unwrap());
        assert_eq!(on("2026-03-31"), InstalmentStanding::Called);
        assert_eq!(on("2026-04-01"), InstalmentStanding::Overdue);
        assert_eq!(account(100, 0, 0, false).standing("2026-04-01".parse().unwrap()), InstalmentStanding::Planned);
    }

    #[test]
    fn an_instalment_without_a_remaining_amount_is_received_or_waived() {
        let day = "2026-04-01".parse().unwrap();
        assert_eq!(account(100, 100, 0, true).standing(day), InstalmentStanding::Received);
        assert_eq!(account(100, 60, 40, true).standing(day), InstalmentStanding::Received);
        assert_eq!(account(100, 0, 100, false).standing(day), InstalmentStanding::Waived);
        assert_eq!(account(0, 0, 0, true).standing(day), InstalmentStanding::Received);
        assert_eq!(account(0, 0, 0, false).standing(day), InstalmentStanding::Planned);
    }

    proptest! {
        #[test]
        fn a_settled_instalment_is_neither_received_nor_waived_again(amount in 1i64..1000, received in 0i64..1000, called: bool) {
            let received = if called { received.min(amount) } else { 0 };
            for waived in [0, amount - received] {
                let one = account(amount, received, waived, called);
                let actions = one.available_actions();
                let settled = one.remaining_cents() == 0;
                prop_assert_eq!(actions.contains(&InstalmentAction::Receive), called && !settled);
                prop_assert!(!(settled && actions.contains(&InstalmentAction::Waive)));
            }
        }
    }
}
