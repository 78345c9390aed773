//! The figures of the lending of a pôle, counted while the story is played.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::lending::reservations::model::{BorrowerKind, ReservationStatus};

/// Figures of the lending, counted independently of the database. Kits and borrowings are identified by rank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoanTally {
    /// Number of kits in the catalogue.
    pub kits: usize,
    /// Number of their copies.
    pub copies: usize,
    /// The state of each borrowing.
    pub states: BTreeMap<usize, ReservationStatus>,
    /// Number of loans per kit.
    pub by_kit: BTreeMap<usize, i64>,
    /// Number of loans per kind of borrower.
    pub by_borrower: BTreeMap<&'static str, i64>,
    /// Number of requests declined because every copy was taken, per kit.
    pub refusals: BTreeMap<usize, i64>,
    /// Number of waits that ended without a proposal.
    pub waits_without_copy: i64,
    /// Current loans: the day of the hand-out and the due day.
    pub ongoing: BTreeMap<usize, (NaiveDate, NaiveDate)>,
    /// Total nights of the loans that have ended.
    pub ended_nights: i64,
    /// Number of late returns.
    pub late_returns: i64,
    /// Number of extensions.
    pub extended: i64,
    /// Number of parts missing or damaged at a return.
    pub defects: i64,
    /// Number of these parts that were replaced.
    pub replaced: i64,
}

impl LoanTally {
    /// Total number of loans.
    pub fn all_loans(&self) -> i64 {
        self.by_kit.values().sum()
    }

    /// Total number of requests declined because every copy was taken.
    pub fn all_refusals(&self) -> i64 {
        self.refusals.values().sum()
    }

    /// Number of borrowings in a state.
    pub fn in_state(&self, status: ReservationStatus) -> usize {
        self.states.values().filter(|one| **one == status).count()
    }

    /// Number of current loans that were due before a day.
    pub fn overdue(&self, today: NaiveDate) -> usize {
        self.ongoing.values().filter(|(_, due_on)| *due_on < today).count()
    }

    /// Total nights on loan, including current loans.
    pub fn nights_out(&self, today: NaiveDate) -> i64 {
        self.ended_nights + self.ongoing.values().map(|(out_on, _)| (today - *out_on).num_days()).sum::<i64>()
    }

    /// Records the state of a borrowing. Returns whether the state has changed.
    pub(super) fn set_state(&mut self, borrowing: usize, status: ReservationStatus) -> bool {
        let before = self.states.insert(borrowing, status);
        let expired = before == Some(ReservationStatus::Waiting) && status == ReservationStatus::Expired;
        self.waits_without_copy += i64::from(expired);
        before != Some(status)
    }

    pub(super) fn refused(&mut self, kit: usize) {
        *self.refusals.entry(kit).or_default() += 1;
    }

    pub(super) fn handed_out(&mut self, borrowing: usize, kit: usize, to: BorrowerKind, days: (NaiveDate, NaiveDate)) {
        *self.by_kit.entry(kit).or_default() += 1;
        *self.by_borrower.entry(to.as_str()).or_default() += 1;
        self.ongoing.insert(borrowing, days);
    }

    pub(super) fn returned(&mut self, borrowing: usize, on: NaiveDate) {
        if let Some((out_on, due_on)) = self.ongoing.remove(&borrowing) {
            self.ended_nights += (on - out_on).num_days();
            self.late_returns += i64::from(on > due_on);
        }
    }
}
