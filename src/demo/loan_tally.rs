//! What a pôle lent, counted while playing.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::lending::reservations::model::{BorrowerKind, ReservationStatus};

/// Figures of lending, from what was done and from nothing that is stored. Kits and borrowings go by their rank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lent {
    /// Kits of the catalogue.
    pub kits: usize,
    /// Their copies.
    pub copies: usize,
    /// The state of each borrowing.
    pub states: BTreeMap<usize, ReservationStatus>,
    /// Loans, by kit.
    pub loans: BTreeMap<usize, i64>,
    /// Loans, by kind of borrower.
    pub by_borrower: BTreeMap<&'static str, i64>,
    /// Requests declined for lack of a copy, by kit.
    pub refusals: BTreeMap<usize, i64>,
    /// Waits that ended without a proposal.
    pub waits_without_copy: i64,
    /// Loans that go on: the day of the hand-out and the day agreed for the return.
    pub out: BTreeMap<usize, (NaiveDate, NaiveDate)>,
    /// Nights of the loans that are over.
    pub nights: i64,
    /// Loans that came back late.
    pub late_returns: i64,
    /// Loans that were extended.
    pub extended: i64,
    /// Parts that were missing or damaged at a return.
    pub defects: i64,
    /// Of them, replaced.
    pub replaced: i64,
}

impl Lent {
    /// Every loan.
    pub fn all_loans(&self) -> i64 {
        self.loans.values().sum()
    }

    /// Requests declined for lack of a copy.
    pub fn all_refusals(&self) -> i64 {
        self.refusals.values().sum()
    }

    /// Borrowings in a state.
    pub fn in_state(&self, status: ReservationStatus) -> usize {
        self.states.values().filter(|one| **one == status).count()
    }

    /// Loans that should have come back before a day.
    pub fn overdue(&self, today: NaiveDate) -> usize {
        self.out.values().filter(|(_, due_on)| *due_on < today).count()
    }

    /// Nights that copies have been out, those that are out included.
    pub fn nights_out(&self, today: NaiveDate) -> i64 {
        self.nights + self.out.values().map(|(out_on, _)| (today - *out_on).num_days()).sum::<i64>()
    }

    /// A borrowing is in a state; whether that is another than before.
    pub(super) fn note(&mut self, borrowing: usize, status: ReservationStatus) -> bool {
        let before = self.states.insert(borrowing, status);
        let in_vain = before == Some(ReservationStatus::Waiting) && status == ReservationStatus::Expired;
        self.waits_without_copy += i64::from(in_vain);
        before != Some(status)
    }

    pub(super) fn refused(&mut self, kit: usize) {
        *self.refusals.entry(kit).or_default() += 1;
    }

    pub(super) fn handed_out(&mut self, borrowing: usize, kit: usize, to: BorrowerKind, days: (NaiveDate, NaiveDate)) {
        *self.loans.entry(kit).or_default() += 1;
        *self.by_borrower.entry(to.as_str()).or_default() += 1;
        self.out.insert(borrowing, days);
    }

    pub(super) fn came_back(&mut self, borrowing: usize, on: NaiveDate) {
        if let Some((out_on, due_on)) = self.out.remove(&borrowing) {
            self.nights += (on - out_on).num_days();
            self.late_returns += i64::from(on > due_on);
        }
    }
}
